"""Build hook: compile the engine's C and the translation catalogues (.po to .mo), and pack the examples.

The compiled files are never committed. `python hatch_build.py FILE.po ...` compiles the named catalogues,
`python hatch_build.py engine` the engine: every C file in it into one shared library, with the compiler that CC names,
the system's, or else the one of the package ziglang. Of an example only its own files go into a wheel, never data that
was downloaded beside it.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
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


ENGINE = "src/simsa/engine"
LIBRARY = f"{ENGINE}/native/simsa_engine.so"
FLAGS = ["-std=c11", "-O3", "-fPIC", "-shared", "-ffp-contract=off", "-Wall", "-Wextra"]


def engine_sources(root: Path) -> list[Path]:
    return sorted((root / ENGINE).rglob("*.c"))


def compiler() -> list[str] | None:
    """The command that compiles C; None if there is none."""
    if named := os.environ.get("CC"):
        return shlex.split(named)
    if found := next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None):
        return [found]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc"]
    return None


def compile_engine(root: Path) -> Path:
    command = compiler()
    if command is None:
        sys.exit("no C compiler: install one (gcc, clang), or the package ziglang, or name yours in CC")
    library = root / LIBRARY
    scratch = library.with_suffix(f".{os.getpid()}.new")
    try:
        subprocess.run([*command, *FLAGS, *map(str, engine_sources(root)), "-lm", "-o", str(scratch)], check=True)
        scratch.replace(library)  # whole or not at all: another process may be loading it
    finally:
        scratch.unlink(missing_ok=True)
    return library


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]
    def dependencies(self) -> list[str]:
        return [] if compiler() else ["ziglang"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if self.target_name == "wheel":
            build_data["artifacts"].append(f"/{compile_engine(root).relative_to(root).as_posix()}")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        for po in sorted((root / "src").rglob("*.po")):
            mo = compile_catalogue(po)
            build_data["artifacts"].append(f"/{mo.relative_to(root).as_posix()}")
        if version != "editable":
            for file in sorted(path for path in (root / "examples").glob("*/*") if path.is_file()):
                build_data["force_include"][str(file)] = f"simsa/{file.relative_to(root).as_posix()}"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        if name == "engine":
            compile_engine(Path(__file__).resolve().parent)
        else:
            compile_catalogue(Path(name))
