"""Renew the lock files from pyproject.toml: exact versions with hashes, no addresses.

    tools/lock.py           the newest versions that pyproject.toml allows
    tools/lock.py --keep    only what pyproject.toml needs and is not locked yet; the rest stays as it is

`requirements/run.lock` is what the command line and the site need; `requirements/dev.lock` adds tests, checks and
documentation. What is published as source alone stands in `requirements/source.lock`, and the set-up builds it with
what dev.lock holds. `requirements/compiler.lock` holds a C compiler, for machines without one. All of them hold for
every platform and Python that pyproject.toml names.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ["hatchling", "babel", "editables", "pip"]  # what an editable install without isolation needs
LOCKS = {"run": ["web"], "dev": ["web", "postgres", "s3", "korean", "cluster", "columns", "dev"]}
COMPILER = "ziglang"  # compiles the engine where there is no other
SOURCE = {"kiwipiepy-model": "setuptools>=77"}
"""Packages that are published as source alone, and what builds them."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep the versions that are locked")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "uv"], check=True)
        (folder / "run.in").write_text("\n".join(BUILD))
        (folder / "dev.in").write_text("\n".join([*BUILD, *SOURCE.values()]))
        resolve = [str(python), "-m", "uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11"]
        resolve += ["--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"]
        constraint: list[str] = []
        for name, extras in reversed(LOCKS.items()):  # dev first: run then holds the same versions
            target = locked(name)
            command = [*resolve, *([] if keep else ["--upgrade"])]
            command += [part for extra in extras for part in ("--extra", extra)]
            command += constraint
            command += ["pyproject.toml", str(folder / f"{name}.in"), "-o", str(target)]
            if keep and name == "dev" and locked("source").exists():
                target.write_text(target.read_text() + locked("source").read_text())
            subprocess.run(command, check=True, cwd=ROOT)
            constraint = ["-c", str(target)]
            if name == "dev":
                set_apart(target, locked("source"))
        if not (keep and locked("compiler").exists()):
            (folder / "compiler.in").write_text(COMPILER)
            command = [*resolve, "--upgrade", str(folder / "compiler.in"), "-o", str(locked("compiler"))]
            subprocess.run(command, check=True, cwd=ROOT)
    return 0


def locked(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.lock"


def set_apart(target: Path, source: Path) -> None:
    """Move what is published as source alone to a lock of its own."""
    packages = re.split(r"(?m)^(?=\S)", target.read_text())  # each begins a line, and its hashes stand below
    apart = [package for package in packages if package.partition("==")[0] in SOURCE]
    source.write_text("".join(apart))
    target.write_text("".join(package for package in packages if package not in apart))


if __name__ == "__main__":
    sys.exit(main())
