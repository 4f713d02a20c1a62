"""Every check and test of the project, in one go; run by `make test`.

    tools/check.py             lint, types, import rule, translations, docs, tests on SQLite and on PostgreSQL
    tools/check.py --only lint the first ones alone
    tools/check.py --all       with the longer draws of the randomised tests, and how much of the code they cover

Each step prints one line with its time; a step that fails prints what it said, and the rest still runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
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
DOCS = ("docs", [PYTHON, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html"])


def tests(everything: bool, workers: str) -> list[tuple[str, list[str]]]:
    # A process that is done takes tests over from the others: the last ones, in the browser, are the longest.
    pytest = [PYTHON, "-m", "pytest", "-q", "-n", workers, "--dist", "worksteal"]
    marks = ["--hypothesis-profile", "everything"] if everything else ["-m", "not long"]
    # What is measured takes twice as long in the engine's own code.
    measured = ["--cov", "--cov-report=term:skip-covered", "--screenshots"] if everything else []
    # A page looks the same on either database, and so does a process that has one of its own.
    again = "(database or postgresql) and not browser and not own_database"
    again += "" if everything else " and not once and not long"
    return [
        ("tests on SQLite", [*pytest, *marks, *measured]),
        ("tests on PostgreSQL", [*pytest, "-m", again, "--database", "postgresql", "tests/web"]),
    ]


def run(name: str, command: list[str], *, show: bool) -> tuple[str, bool]:
    began = time.monotonic()
    # One thread of linear algebra per test process: the processes already use every core.
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=not show, text=True, check=False)
    passed = done.returncode == 0
    told = f"{'pass' if passed else 'FAIL'}  {name}  ({time.monotonic() - began:.0f} s)"
    print(told if passed or show else f"{told}\n{done.stdout}{done.stderr}", flush=True)
    return name, passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["lint"], help="lint, types, import rule and translations alone")
    parser.add_argument("--all", action="store_true", help="with the longer draws of the randomised tests and coverage")
    options = parser.parse_args()
    # One more than there are cores: a test waits for its browser, its server or a process as often as it computes.
    workers = os.environ.get("SIMSA_TEST_WORKERS", str(min(4, 1 + (os.cpu_count() or 1))))
    if not os.environ.get("SIMSA_DATA"):
        print("note  SIMSA_DATA is not set: tests on other people's data will be skipped", flush=True)
    quiet = LINT if options.only else [*LINT, DOCS]
    # One core each; the tests, which fill all of them, come after.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda step: run(*step, show=False), quiet))
    if not options.only:
        results += [run(*step, show=True) for step in tests(options.all, workers)]
    failed = [name for name, passed in results if not passed]
    print("everything passed" if not failed else f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
