"""How the documentation is built: `make docs`."""

import ast
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.statemachine import StringList

project = "simsa"
copyright = "2026, the simsa authors"
version = release = installed("simsa")
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_click",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_preserve_defaults = True
nitpicky = False

html_theme = "furo"
html_title = "simsa 심사"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e5f", "color-brand-content": "#0b6e5f"},
    "dark_css_variables": {"color-brand-primary": "#5cc2b0", "color-brand-content": "#5cc2b0"},
}
html_copy_source = False


def setup(app: Any) -> None:
    app.add_directive("settings-table", SettingsTable)


class SettingsTable(Directive):
    """The table in a settings module's docstring, so that it is written once."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        source = Path(__file__).parents[1] / "src" / Path(*self.arguments[0].split(".")).with_suffix(".py")
        docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in docstring.splitlines() if line[:1] == "|"
        ]
        lines = [".. list-table::", "   :header-rows: 1", ""]
        for row in [rows[0], *rows[2:]]:
            lines += [f"   {'* -' if n == 0 else '  -'} {cell.replace('`', '``')}" for n, cell in enumerate(row)]
        container = nodes.container()
        self.state.nested_parse(StringList(lines, source=str(source)), self.content_offset, container)
        return [container]
