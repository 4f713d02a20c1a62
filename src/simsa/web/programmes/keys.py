"""The signing keys of the site's logs: one file for each in the folder that SIMSA_KEYS names, never in the database."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from simsa.record.keys import KeyFileError, read_key, write_key
from simsa.record.notes import SigningKey, VerifierKey
from simsa.web.programmes.models import Log

_known: dict[tuple[Path, str], SigningKey] = {}


class SigningKeyError(RuntimeError):
    """A signing key that is not there, or is another log's; the message says what to do."""


def new_key(origin: str) -> SigningKey:
    """A new key for a log, on the disk before anything is signed with it. SigningKeyError if it cannot be kept."""
    key = SigningKey.new(origin)
    try:
        settings.KEYS.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key(_file(key.verifier), key)
    except (OSError, KeyFileError) as error:
        message = _("The folder of signing keys (SIMSA_KEYS) cannot be written to: %(error)s")
        raise SigningKeyError(message % {"error": error}) from error
    return key


def signing_key(verifier: str) -> SigningKey:
    """The key whose verifier is named. SigningKeyError if its file is missing, or holds another key."""
    name = (settings.KEYS, verifier)
    if name not in _known:
        wanted = VerifierKey.parse(verifier)
        file = _file(wanted)
        facts = {"log": wanted.name, "file": file}
        try:
            found = read_key(file)
        except KeyFileError as error:
            message = _(
                "The signing key of the record %(log)s cannot be read from %(file)s; put it back from a backup, "
                "or let SIMSA_KEYS name the folder that it is in. Without it nothing can be added to the record. "
                "(%(error)s)"
            )
            raise SigningKeyError(message % {**facts, "error": error}) from error
        if found.verifier != wanted:
            message = _("%(file)s holds another key than that of the record %(log)s; put back the file of that key.")
            raise SigningKeyError(message % facts)
        _known[name] = found
    return _known[name]


def forget_key(log: Log, verifier: str) -> None:
    """Delete the file of a key that signs no more."""
    if verifier != log.key:
        _known.pop((settings.KEYS, verifier), None)
        _file(VerifierKey.parse(verifier)).unlink(missing_ok=True)


def _file(key: VerifierKey) -> Path:
    """Named by the round and by the key: the file of a new key does not touch that of the old one."""
    folder: Path = settings.KEYS
    return folder / f"{key.name.rpartition('/')[2]}.{key.identifier.hex()}.key"
