"""Build hook: compile the translation catalogues (.po to .mo, which is read at run time) and pack the examples.

The compiled files are never committed. `python hatch_build.py FILE.po ...` compiles the named ones. Of an example only
its own files go into a wheel, never data that was downloaded beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # compiling by hand, without the build tool
    BuildHookInterface = object


def compile_catalogue(po: Path) -> Path:
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
    mo = po.with_suffix(".mo")
    scratch = mo.with_suffix(".mo.new")
    with scratch.open("wb") as target:
        write_mo(target, catalogue)
    scratch.replace(mo)  # whole or not at all: a running server may be reading it
    return mo


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for po in sorted((root / "src").rglob("*.po")):
            mo = compile_catalogue(po)
            build_data["artifacts"].append(f"/{mo.relative_to(root).as_posix()}")
        if version != "editable":
            for file in sorted(path for path in (root / "examples").glob("*/*") if path.is_file()):
                build_data["force_include"][str(file)] = f"simsa/{file.relative_to(root).as_posix()}"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_catalogue(Path(name))
