"""Keep the Korean catalogues complete: `update` brings them up to date with the code, `check` says what is missing.

    python tools/messages.py update   # new texts come in untranslated, texts that are gone leave; also compiles
    python tools/messages.py check    # exit status 1 and one line for each text that is missing, untranslated, fuzzy,
                                      # obsolete, or whose placeholders differ

Texts in the code are English. Two catalogues: `django` for the web site, and `simsa` for the command line and the
reports of floors 0 to 3. Babel reads Python and Jinja2; Django's own `templatize` turns its templates into what Babel
reads. GNU gettext is not needed.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import compile_catalogue  # noqa: E402 (a script of the repository, beside the package)

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Header lines that say nothing here and would change with every run.
VOLATILE = tuple(
    f'"{name}'.encode()
    for name in (
        "POT-Creation",
        "PO-Revision",
        "Report-Msgid",
        "Last-Tr",
        "Language-Team",
        "Generated-By",
        "Project-Id",
    )
)
FIELDS = ("missing", "untranslated", "fuzzy", "obsolete", "broken")


@dataclass(frozen=True)
class Domain:
    """One catalogue: where it lies and which files speak through it."""

    name: str
    catalogue: Path
    python: tuple[str, ...]
    templates: tuple[str, ...]

    def sources(self) -> Iterator[tuple[Path, str]]:
        for pattern in self.python:
            yield from (
                (file, "python") for file in sorted(ROOT.glob(pattern)) if "/migrations/" not in file.as_posix()
            )
        for pattern in self.templates:
            kind = "jinja2.ext:babel_extract" if pattern.endswith(".j2") else "django"
            yield from ((file, kind) for file in sorted(ROOT.glob(pattern)))


DOMAINS = (
    Domain(
        "django",
        ROOT / "src/simsa/web/site/locale/ko/LC_MESSAGES/django.po",
        ("src/simsa/web/**/*.py",),
        ("src/simsa/web/*/templates/**/*.html", "src/simsa/web/*/templates/**/*.txt"),
    ),
    Domain(
        "simsa",
        ROOT / "src/simsa/tables/locale/ko/LC_MESSAGES/simsa.po",
        tuple(f"src/simsa/{room}/**/*.py" for room in ("rules", "engine", "record", "tables", "cli")),
        ("src/simsa/tables/**/*.html.j2",),
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["update", "check"])
    parser.add_argument("--domain", choices=[domain.name for domain in DOMAINS], help="only this catalogue")
    args = parser.parse_args()
    domains = [domain for domain in DOMAINS if args.domain in (None, domain.name)]
    if args.verb == "update":
        for domain in domains:
            update(domain)
        return 0
    problems = [problem for domain in domains for problem in check(domain)]
    print("\n".join(problems) or "The catalogues are complete.")
    return 1 if problems else 0


def update(domain: Domain) -> None:
    """Write and compile the catalogue; a catalogue that is up to date keeps its bytes."""
    template = collect(domain)
    if not len(template) and not domain.catalogue.exists():
        return
    catalogue = read(domain)
    before = domain.catalogue.read_bytes() if domain.catalogue.exists() else b""
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    if rendered(catalogue) != before:
        domain.catalogue.parent.mkdir(parents=True, exist_ok=True)
        domain.catalogue.write_bytes(rendered(catalogue))
    compile_catalogue(domain.catalogue)
    left = sum(not translated(message) for message in texts(catalogue))
    print(f"{domain.catalogue.relative_to(ROOT)}: {len(catalogue)} texts, {left} untranslated")


def check(domain: Domain) -> list[str]:
    """One line for each problem; a domain without texts and without a catalogue has none."""
    template = collect(domain)
    if not domain.catalogue.exists() and not len(template):
        return []
    catalogue = read(domain)
    wanted, had = ({key(message) for message in texts(found)} for found in (template, catalogue))
    problems: dict[str, list[str]] = {field: [] for field in FIELDS}
    problems["missing"] = sorted(map(shown, wanted - had))
    problems["obsolete"] = sorted({*map(shown, had - wanted), *(str(name) for name in catalogue.obsolete)})
    for message in texts(catalogue):
        if key(message) not in wanted:
            continue
        if message.fuzzy:
            problems["fuzzy"].append(shown(key(message)))
        elif not translated(message):
            problems["untranslated"].append(shown(key(message)))
        elif errors := [str(error) for error in message.check(catalogue)]:
            problems["broken"].append(f"{shown(key(message))} ({'; '.join(errors)})")
    return [f"{domain.name}: {field}: {text}" for field in FIELDS for text in problems[field]]


def collect(domain: Domain) -> Catalog:
    """Every text in the domain's sources, with the files that it comes from."""
    found = Catalog(project="simsa", domain=domain.name)
    for file, kind in domain.sources():
        place = file.relative_to(ROOT).as_posix()
        for _line, message, comments, context in extract_from(file, kind):
            found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def extract_from(file: Path, kind: str) -> Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = file.read_text(encoding="utf-8")
    if kind == "django":
        # templatize keeps the indentation of the HTML, which Python would take for blocks.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(file)).splitlines())
        kind = "python"
    options = {"encoding": "utf-8"}
    return extract(kind, io.BytesIO(text.encode()), KEYWORDS, comment_tags=["Translators:"], options=options)


def read(domain: Domain) -> Catalog:
    if not domain.catalogue.exists():
        comment = f"# Korean texts of simsa, domain {domain.name}. Kept up to date by tools/messages.py."
        return Catalog(locale="ko", domain=domain.name, project="simsa", header_comment=comment, fuzzy=False)
    with domain.catalogue.open("rb") as source:
        return read_po(source, locale="ko", domain=domain.name)


def rendered(catalogue: Catalog) -> bytes:
    target = io.BytesIO()
    for message in catalogue:
        message.locations.sort()  # the order of texts goes by these: it must not depend on where they were found first
    write_po(target, catalogue, width=110, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    lines = target.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(VOLATILE))


def texts(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def key(message: Message) -> tuple[str, str]:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context or "", first)


def shown(name: tuple[str, str]) -> str:
    context, text = name
    return f"{text!r} ({context})" if context else repr(text)


def translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return bool(strings) and all(strings)


if __name__ == "__main__":
    sys.exit(main())
