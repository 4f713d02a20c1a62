"""`simsa verify`: check a bundle, offline, from its first byte to its last winner."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape

from simsa.cli.output import as_json, command, emit, progress, words
from simsa.cli.record.options import file_option, key_option, policy_of, policy_option, receipt_of, roots_option
from simsa.record.bundle.first_page import chosen
from simsa.record.notes import VerifierKey
from simsa.record.verification import Answer, Check, Outcome, Verdict, verify
from simsa.record.verifier import words as told

STATUS = {Answer.VERIFIED: 0, Answer.REFUSED: 3, Answer.INCOMPLETE: 4, Answer.UNREADABLE: 5}
_MARKS = {Outcome.PASSED: "[green]✓[/green]", Outcome.FAILED: "[red]✗[/red]", Outcome.NOT_SHOWN: "[yellow]–[/yellow]"}
_COLOURS = {Answer.VERIFIED: "green", Answer.INCOMPLETE: "yellow"}
_HEADS = {
    "en": ("SYNTHETIC DATA", "What was checked", "What this file cannot show", "It is still wise to", "Selected"),
    "ko": ("가상 자료", "확인한 내용", "이 파일로 알 수 없는 것", "더 확인하실 것", "선정"),
}
_CHANGES = {
    "en": (
        "What was changed on the way",
        {"amendment": "amended:", "amendment.rules": "rules amended:", "replaced": "slot replaced:", "key": "new key"},
    ),
    "ko": (
        "도중에 바뀐 것",
        {
            "amendment": "정정:",
            "amendment.rules": "평가규칙 개정:",
            "replaced": "배정칸 교체:",
            "key": "서명 열쇠 교체",
        },
    ),
}
_KEY = {
    "en": "compare this key with the one that the organiser published elsewhere, and give it by --key",
    "ko": "이 열쇠를 발행 기관이 다른 곳에 공표한 것과 견주고 --key로 지정하십시오",
}


@click.command(
    "verify",
    epilog="Example: simsa verify round.zip. Exit status: 0 verified; 3 refused, something does not hold; "
    "4 incomplete, there is no result (yet) that could be recomputed; 5 the file is no bundle; "
    "1 an option or receipt cannot be read; 2 called wrongly.",
)
@click.argument("bundle", type=file_option)
@key_option
@policy_option
@roots_option
@click.option("--receipt", "receipts", type=file_option, multiple=True, help="A receipt that you hold; may come again.")
@click.option("--lang", type=click.Choice(["ko", "en"]), help="Language; by default that of the rules.")
@as_json
@command
def verify_command(
    bundle: Path,
    key: VerifierKey | None,
    policy_file: Path | None,
    roots_file: Path | None,
    receipts: tuple[Path, ...],
    lang: str | None,
    as_json: bool,
) -> None:
    """Check BUNDLE: signatures, log, every slot, and tally and selection computed again from its own content.

    Nothing is fetched, and nothing that the file says is taken on trust. A receipt is checked against it: whether the
    log was forked, the sheet dropped, or its marks changed.
    """
    held = [(file.name, receipt_of(file)) for file in receipts]
    roots = None if roots_file is None else roots_file.read_bytes()
    with progress("reading") as report:
        verdict = verify(
            bundle.read_bytes(), key=key, policy=policy_of(policy_file), roots=roots, receipts=held, progress=report
        )
    if as_json:
        emit(verdict.to_json())
    else:
        _print(verdict, lang or verdict.language, key is not None)
    raise click.exceptions.Exit(STATUS[verdict.answer])


def _print(verdict: Verdict, lang: str, known: bool) -> None:
    language = lang if lang in _HEADS else "en"
    synthetic, checked, hidden, wise, selected = _HEADS[language]
    said = told()["verdicts"][verdict.answer.value][language]
    colour = _COLOURS.get(verdict.answer, "red")
    words.print(f"[bold {colour}]{escape(said['title'])}[/bold {colour}]  {escape(said['meaning'])}")
    if verdict.names:
        invented = f"  [yellow]{synthetic}[/yellow] {escape(verdict.synthetic)}" if verdict.synthetic else ""
        words.print(f"[bold]{escape(chosen(verdict.names, language, verdict.round))}[/bold]{invented}")
        words.print(f"{escape(verdict.origin)}: {verdict.size} leaves, root {verdict.root}")
    if verdict.winners:
        words.print(f"\n[bold]{selected}[/bold]")
    for one in verdict.winners:
        name = escape(chosen(one.name, language, one.entry))
        group = escape(chosen(one.group_name, language, one.group))
        words.print(f"  {group}  {one.rank}. {name} ({escape(one.entry)})  {one.score}")
    if verdict.changes:
        words.print(f"\n[bold]{_CHANGES[language][0]}[/bold]")
    for change in verdict.changes:
        what = _CHANGES[language][1][change.kind + (".rules" if change.rules else "")]
        words.print(f"  leaf {change.leaf}: {what} {escape(change.entry)} {escape(change.reason)}".rstrip())
    words.print(f"\n[bold]{checked}[/bold]")
    for check in verdict.checks:
        if check.outcome is not Outcome.NOT_SHOWN:
            _row(check, language)
    if any(check.outcome is Outcome.NOT_SHOWN for check in verdict.checks):
        words.print(f"\n[bold]{hidden}[/bold]")
    for check in verdict.checks:
        if check.outcome is Outcome.NOT_SHOWN:
            _row(check, language)
    if verdict.key and not known:
        words.print(f"\n[bold]{wise}[/bold] {_KEY[language]}:\n  {escape(verdict.key)}")


def _row(check: Check, language: str) -> None:
    said = told()["checks"][check.name][language]
    words.print(f"  {_MARKS[check.outcome]} {escape(said['title'])}  [dim]{escape(check.name)}[/dim]")
    meaning = said["failed"] if check.outcome is Outcome.FAILED else said["meaning"]
    if check.outcome is not Outcome.NOT_SHOWN:
        words.print(f"      {escape(meaning)}")
    if check.why:
        words.print(f"      [{'red' if check.outcome is Outcome.FAILED else 'dim'}]{escape(check.why)}[/]")
