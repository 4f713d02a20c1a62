"""`simsa rules`: check, show and hash a rules file."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.markup import escape
from rich.tree import Tree

from simsa.rules import Criterion, Levels, Rules, Scale, decimal_text, parse
from simsa.tables.words import rules_words

from .output import as_json, command, emit, words

_file = click.argument("file", type=click.Path(allow_dash=True))
_language = click.option("--lang", type=click.Choice(["ko", "en"]), help="Language; by default that of the rules.")


@click.group()
def rules() -> None:
    """Check, show and hash the rules of a round (one TOML file)."""


@rules.command(epilog="Example: simsa rules check examples/proactive/rules.toml")
@_file
@as_json
@command
def check(file: str, as_json: bool) -> None:
    """Say whether FILE ('-' for standard input) is a valid set of rules; every fault is named with its line."""
    found = _read(file)
    if as_json:
        emit({"valid": True, "id": found.id, "rules_hash": found.hash, **_counts(found)})
    else:
        counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in _counts(found).items())
        words.print(f"[bold]{escape(found.name.text(found.language))}[/bold]: valid ({counts})")
        words.print(f"hash {found.hash}")


@rules.command(epilog="Example: simsa rules show examples/proactive/rules.toml --lang en")
@_file
@_language
@click.option("--canonical", is_flag=True, help="The canonical JSON (RFC 8785), whose SHA-256 is the hash.")
@command
def show(file: str, lang: str | None, canonical: bool) -> None:
    """Print FILE in words: groups and quotas, criteria tree, how a score comes about, ties, missing values."""
    found = _read(file)
    if canonical:
        sys.stdout.buffer.write(found.canonical)
        return
    language = lang or found.language
    words.print(f"[bold]{escape(found.name.text(language))}[/bold]")
    words.print(_tree(found, language))
    for section in rules_words(found, language):
        words.print(f"\n[bold]{escape(section.title)}[/bold]")
        for line in section.lines:
            words.print(f"  {escape(line)}")
    words.print(f"\nSHA-256 {found.hash}")


@rules.command("hash", epilog="Example: simsa rules hash rules.toml")
@_file
@as_json
@command
def hash_(file: str, as_json: bool) -> None:
    """Print the SHA-256 hash of FILE's canonical form: the same for any formatting and order of keys."""
    found = _read(file)
    if as_json:
        emit({"id": found.id, "rules_hash": found.hash})
    else:
        click.echo(found.hash)


def _read(file: str) -> Rules:
    with click.open_file(file, "rb") as source:
        return parse(source.read(), source="standard input" if file == "-" else file)


def _counts(found: Rules) -> dict[str, int]:
    return {
        "groups": len(found.groups),
        "criteria": len(found.criteria),
        "marked_leaves": len(found.leaves),
        "indicators": len(found.indicators),
        "tie_breaks": len(found.tie_breaks),
    }


def _tree(found: Rules, language: str) -> Tree:
    branches: dict[str, Any] = {}
    for _, node in found.walk():
        label = _label(node, language)
        branches[node.id] = branches[node.parent].add(label) if node.parent else Tree(label)
    tree: Tree = branches[found.root.id]
    return tree


def _scale(scale: Scale | Levels) -> str:
    if isinstance(scale, Levels):
        return " ".join(f"{level.id}={decimal_text(level.value)}" for level in scale.levels)
    return f"{decimal_text(scale.min)}–{decimal_text(scale.max)} ({decimal_text(scale.step)})"


def _label(node: Criterion, language: str) -> str:
    parts = [f"[bold]{escape(node.name.text(language))}[/bold]", f"[dim]{escape(node.id)}[/dim]"]
    if node.weight is not None:
        parts.append(f"× {decimal_text(node.weight)}")
    if node.scale is not None:
        parts.append(escape(_scale(node.scale)))
    parts += [f"[cyan]{part.method}[/cyan]" for part in (node.combine, node.panel, node.indicator) if part is not None]
    return "  ".join(parts)
