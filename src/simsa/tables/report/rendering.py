"""Rendering: the page of a run through its template, with styles and script inside."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from simsa.tables.report.edition import Edition
from simsa.tables.report.page import page_of
from simsa.tables.run import Run
from simsa.tables.words import no_result, translator

_PACKAGE = "simsa.tables.report"


def render_report(run: Run, language: str | None = None) -> str:
    """The report of a run as one HTML page, in the language of the round if none is named.

    A round of Korean local governments has a map.
    """
    spoken = language or run.rules.language
    page = page_of(Edition(run, spoken))
    folder = resources.files(_PACKAGE).joinpath("templates")
    style, script = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    text: str = (
        _environment(spoken)
        .get_template("report.html.j2")
        .render(page=page, language=spoken, css=Markup(style), js=Markup(script), nothing=no_result(spoken))  # noqa: S704
    )
    return text


@cache
def _environment(language: str) -> Environment:
    found = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        trim_blocks=False,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.install_gettext_translations(translator(language))  # type: ignore[attr-defined]
    return found
