"""Every check and test of the project, in one go; run by `make test`.

    tools/check.py             lint, types, import rule, translations, docs, tests on SQLite and on PostgreSQL
    tools/check.py --only lint the first ones alone
    tools/check.py --all       with the longer draws of the randomised tests

Each step prints one line with its time; a step that fails prints what it said, and the rest still runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")

LINT = [
    ("ruff", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [PYTHON, "-m", "mypy"]),
    ("floors", [str(BIN / "lint-imports")]),
    ("messages", [PYTHON, "tools/messages.py", "check"]),
]


def steps(everything: bool, workers: str) -> list[tuple[str, list[str]]]:
    pytest = [PYTHON, "-m", "pytest", "-q", "-n", workers, "--dist", "loadgroup"]
    marks = [] if everything else ["-m", "not long"]
    again = ["-m", "not browser" if everything else "not browser and not long"]  # a page looks the same on either
    return [
        *LINT,
        ("docs", [PYTHON, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html"]),
        ("tests on SQLite", [*pytest, *marks, "--cov", "--cov-report=term:skip-covered"]),
        ("tests on PostgreSQL", [*pytest, *again, "--database", "postgresql", "tests/web"]),
    ]


def run(name: str, command: list[str], *, show: bool) -> bool:
    began = time.monotonic()
    # One thread of linear algebra per test process: the processes already use every core.
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=not show, text=True, check=False)
    passed = done.returncode == 0
    print(f"{'pass' if passed else 'FAIL'}  {name}  ({time.monotonic() - began:.0f} s)", flush=True)
    if not passed and not show:
        print(done.stdout + done.stderr, flush=True)
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["lint"], help="lint, types, import rule and translations alone")
    parser.add_argument("--all", action="store_true", help="with the longer draws of the randomised tests")
    options = parser.parse_args()
    workers = os.environ.get("SIMSA_TEST_WORKERS", str(min(4, os.cpu_count() or 1)))
    chosen = LINT if options.only else steps(options.all, workers)
    if not os.environ.get("SIMSA_DATA"):
        print("note  SIMSA_DATA is not set: tests on other people's data will be skipped", flush=True)
    failed = [name for name, command in chosen if not run(name, command, show=name.startswith("tests"))]
    print("everything passed" if not failed else f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
