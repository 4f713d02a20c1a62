"""Of `simsa record`: what witnesses and auditors do, and what the organiser keeps of it."""

from __future__ import annotations

import time
from pathlib import Path

import click
from rich.markup import escape

from simsa.cli.output import command, notes
from simsa.cli.record.options import (
    KEY,
    file_option,
    out_option,
    policy_of,
    policy_option,
    record_argument,
    roots_option,
)
from simsa.record.checkpoints import Checkpoint
from simsa.record.folder import Record, RecordError
from simsa.record.notes import COSIGNATURE, SigningKey, VerifierKey
from simsa.record.timestamps import fetch, verified
from simsa.record.verification import Answer, verify
from simsa.record.verification.archive import unpacked
from simsa.tables.files import write_bytes


@click.command(epilog="Example: simsa record key auditor.example/kim --out kim.key")
@click.argument("name")
@out_option
@command
def key(name: str, out: Path) -> None:
    """Make a key for a witness or auditor: NAME is like a domain and path. The private part goes to --out."""
    if out.exists():
        raise RecordError(f"{out}: is there already; a key is not written over")
    made = SigningKey.new(name, COSIGNATURE)
    write_bytes(out, f"{made.text}\n".encode())
    out.chmod(0o600)
    click.echo(str(made.verifier))


@click.command(epilog="Example: simsa record countersign round.zip --key kim.key --out checkpoint.kim")
@click.argument("bundle", type=file_option)
@click.option("--key", "key_file", type=file_option, required=True, help="The witness's own key.")
@out_option
@command
def countersign(bundle: Path, key_file: Path, out: Path) -> None:
    """Verify BUNDLE and, if everything holds, sign its checkpoint as a witness."""
    own = SigningKey.parse(key_file.read_text())
    data = bundle.read_bytes()
    verdict = verify(data)
    if verdict.answer not in (Answer.VERIFIED, Answer.INCOMPLETE):
        failed = "; ".join(f"{check.name}: {check.why}" for check in verdict.failed)
        raise RecordError(f"{bundle} does not hold, and is not signed: {failed}")
    write_bytes(out, bytes(Checkpoint.parse(unpacked(data)["log/checkpoint"]).cosigned(own, int(time.time()))))
    notes.print(f"signed; give {escape(str(out))} to the organiser")


@click.command(epilog="Example: simsa record cosign rec checkpoint.kim --witness $(cat kim.vkey)")
@record_argument
@click.argument("checkpoint", type=file_option)
@click.option("--witness", "witnesses", type=KEY, multiple=True, help="Verifier key of the witness.")
@policy_option
@command
def cosign(record: Path, checkpoint: Path, witnesses: tuple[VerifierKey, ...], policy_file: Path | None) -> None:
    """Keep the cosignatures of a CHECKPOINT that a witness has signed."""
    policy = policy_of(policy_file)
    known = [*witnesses, *(policy.cosigners if policy else ())]
    if not known:
        raise click.UsageError("name the witnesses: --witness or --policy")
    Record.open(record).cosign(Checkpoint.parse(checkpoint.read_bytes()), known)
    notes.print("kept")


@click.command(epilog="Example: simsa record stamp rec --server http://tsa.example --certificates tsa.pem")
@record_argument
@click.option("--server", required=True, help="Address of a time-stamping authority (RFC 3161).")
@roots_option
@command
def stamp(record: Path, server: str, roots_file: Path | None) -> None:
    """Have the last checkpoint time-stamped: nothing in the log is younger. Best at open, close and result."""
    if roots_file is None:
        raise click.UsageError("give the authority's certificates, so that the stamp can be checked: --certificates")
    kept = Record.open(record)
    last = kept.database.checkpoint()
    assert last is not None
    response = fetch(server, last.text)
    moment = verified(response, last.text, roots_file.read_bytes())
    kept.stamp(last, response)
    notes.print(f"{last.size} leaves at {moment.isoformat()}")
