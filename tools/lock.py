"""Renew the two lock files from pyproject.toml: exact versions with hashes, no addresses.

`requirements/run.lock` is what the command line and the site need; `requirements/dev.lock` adds
tests, checks and documentation. Both hold for every platform and Python that pyproject.toml names.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = "hatchling\nbabel\neditables\npip\n"  # what an editable install without isolation needs
LOCKS = {"run": ["web"], "dev": ["web", "postgres", "dev"]}


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "uv"], check=True)
        (folder / "build.in").write_text(BUILD)
        constraint: list[str] = []
        for name, extras in reversed(LOCKS.items()):  # dev first: run then holds the same versions
            target = ROOT / "requirements" / f"{name}.lock"
            command = [str(python), "-m", "uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11"]
            command += ["--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header", "--upgrade"]
            command += [part for extra in extras for part in ("--extra", extra)]
            command += constraint
            command += ["pyproject.toml", str(folder / "build.in"), "-o", str(target)]
            subprocess.run(command, check=True, cwd=ROOT)
            constraint = ["-c", str(target)]
    return 0


if __name__ == "__main__":
    sys.exit(main())
