"""Who a voter is, without saying it: keyed hashes, under a secret of the vote that is destroyed afterwards.

The secret is a file beside the signing keys (SIMSA_KEYS), never in the database: who has the tables alone cannot find
out whether an address has voted, and nobody can once the file is gone.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import unicodedata
from pathlib import Path

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from simsa.record.commitments import SECRET_BYTES, new_secret
from simsa.web.accounts.models import User
from simsa.web.votes.models import TAG, Vote

_DOTS_DO_NOT_COUNT = {"gmail.com", "googlemail.com"}
_known: dict[Path, bytes] = {}


class VoteSecretError(RuntimeError):
    """The secret of a vote is not there; the message says what to do."""


def make_secret(slug: str) -> None:
    """A secret for the vote of a round, unless it has one."""
    settings.KEYS.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(_file(slug), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as new:
        new.write(new_secret())
        new.flush()
        os.fsync(new.fileno())


def destroy_secret(slug: str) -> None:
    """From now on nobody can tell whose a hash is."""
    file = _file(slug)
    _known.pop(file, None)
    if file.exists():
        file.write_bytes(bytes(SECRET_BYTES))
        file.unlink()


def of_address(vote: Vote, email: str) -> str:
    """The identity of whoever reads the mail of an address, however it is spelled. ValidationError for none."""
    return _hashed(vote.round.slug, "mail", normal_address(email))


def of_person(vote: Vote, person: User) -> list[str]:
    """Every identity of a person with an account: their address, and what each provider calls them."""
    found = [of_address(vote, person.email)]
    for provider, uid in SocialAccount.objects.filter(user=person).order_by("pk").values_list("provider", "uid"):
        found.append(of_provided(vote, provider, uid))
    return found


def of_provided(vote: Vote, provider: str, uid: str) -> str:
    """The identity of whom a provider of OpenID Connect calls so."""
    return _hashed(vote.round.slug, "provider", f"{provider} {uid}")


def tag_of_device(vote: Vote, token: str) -> str:
    """What a browser is known by that keeps a token; "" without one."""
    return _hashed(vote.round.slug, "device", token)[:TAG] if token else ""


def tag_of_network(vote: Vote, address: str) -> str:
    """What a network is known by: the /24 of an IPv4 address, the /48 of an IPv6 address; "" where there is none."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    network = ipaddress.ip_network(f"{known}/{24 if known.version == 4 else 48}", strict=False)
    return _hashed(vote.round.slug, "network", str(network))[:TAG]


def digest(secret: str) -> str:
    """What is kept of a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def normal_address(email: str) -> str:
    """One spelling for addresses whose mail comes to the same person. ValidationError for what is no address."""
    address = unicodedata.normalize("NFKC", email).strip().lower()
    validate_email(address)
    name, _at, host = address.rpartition("@")
    name = name.partition("+")[0] or name
    if not name.strip("."):
        raise ValidationError(_("Enter a valid email address."))
    return f"{name.replace('.', '') if host in _DOTS_DO_NOT_COUNT else name}@{host}"


def _hashed(slug: str, kind: str, text: str) -> str:
    return hmac.new(_secret(slug), f"{kind} {text}".encode(), hashlib.sha256).hexdigest()


def _secret(slug: str) -> bytes:
    file = _file(slug)
    if file not in _known:
        try:
            found = file.read_bytes()
        except OSError as error:
            message = _(
                "The secret of the vote of %(round)s cannot be read from %(file)s; put it back from a backup, or let "
                "SIMSA_KEYS name the folder that it is in. Without it nobody can vote."
            )
            raise VoteSecretError(message % {"round": slug, "file": file}) from error
        if len(found) != SECRET_BYTES:
            raise VoteSecretError(_("%(file)s is no secret of a vote.") % {"file": file})
        _known[file] = found
    return _known[file]


def _file(slug: str) -> Path:
    folder: Path = settings.KEYS
    return folder / f"{slug}.vote"
