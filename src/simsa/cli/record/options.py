"""Keys, policies and certificates as options of several commands."""

from __future__ import annotations

from pathlib import Path

import click

from simsa.record.ballots import BallotReceipt
from simsa.record.notes import NoteError, VerifierKey
from simsa.record.policy import Policy, PolicyError
from simsa.record.receipts import Receipt, ReceiptError

file_option = click.Path(path_type=Path, exists=True, dir_okay=False)
record_argument = click.argument("record", type=click.Path(path_type=Path, file_okay=False))
out_option = click.option(
    "-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write."
)


def some_text(_ctx: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """What an option says: an unset variable of a script must not pass for an option that was left out."""
    if value is not None and not value.strip():
        raise click.BadParameter("is empty")
    return value


class Key(click.ParamType):  # type: ignore[type-arg]
    """A verifier key as text, or a file that holds one."""

    name = "key"

    def convert(
        self, value: str | VerifierKey, param: click.Parameter | None, ctx: click.Context | None
    ) -> VerifierKey:
        if isinstance(value, VerifierKey):
            return value
        path = Path(value)
        try:
            text = path.read_text() if "+" not in value and path.is_file() else value
            return VerifierKey.parse(text.strip())
        except (NoteError, OSError, UnicodeDecodeError) as error:
            self.fail(str(error), param, ctx)


KEY = Key()
key_option = click.option("--key", type=KEY, help="Verifier key of the log, as the organiser published it (or a file).")
policy_option = click.option(
    "--policy", "policy_file", type=file_option, help="Which witnesses must have cosigned (C2SP tlog-policy)."
)
roots_option = click.option(
    "--certificates", "roots_file", type=file_option, help="Certificates (PEM) of time-stamping authorities."
)


def policy_of(file: Path | None) -> Policy | None:
    """The policy in a file. PolicyError, with the file's name, for anything else."""
    try:
        return None if file is None else Policy.parse(plain_bytes(file))
    except PolicyError as error:
        raise PolicyError(tuple(f"{file}: {fault}" for fault in error.faults)) from None


def plain_bytes(file: Path) -> bytes:
    """What a text file holds, without what editors and mail add to it: a byte-order mark, Windows line ends."""
    return file.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def receipt_of(file: Path) -> Receipt | BallotReceipt:
    """The receipt in a file, of a ballot if it is JSON. ReceiptError, with the file's name, for anything else."""
    try:
        data = plain_bytes(file)
        return BallotReceipt.parse(data.rstrip(b"\n")) if data.startswith(b"{") else Receipt.parse(data)
    except ReceiptError as error:
        raise ReceiptError(f"{file}: {error}") from None
