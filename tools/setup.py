"""Set up `.venv` from the lock files; run by `make` with any Python 3.11 or newer and nothing else.

    python3 tools/setup.py run    what the command line and the site need
    python3 tools/setup.py dev    the same, and what checks, tests and documentation need

A stamp in `.venv` remembers what was installed, so a second call returns at once. With `dev`, Chromium
for the browser tests is installed where the system's package manager may be used.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
COMPILERS = ("cc", "gcc", "clang")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def wanted(kind: str) -> dict[str, str]:
    """What each stamp must say: the interpreter, the locked packages, the project itself."""
    stamps = {"python": f"{sys.version}|{ROOT}", "project": _digest("pyproject.toml", "hatch_build.py")}
    stamps["run"] = _digest("requirements/run.lock")
    if kind == "dev":
        stamps["dev"] = _digest("requirements/dev.lock", "requirements/source.lock")
    return stamps


def _digest(*names: str) -> str:
    digest = hashlib.sha256()
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def stamp(name: str) -> Path:
    return VENV / f".simsa-{name}"


def stands(name: str, value: str) -> bool:
    return PYTHON.exists() and stamp(name).exists() and stamp(name).read_text() == value


def call(*command: str | Path, quiet: bool = False) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=quiet, text=True, check=False)
    if done.returncode:
        if quiet:
            sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        sys.exit(f"set-up stopped: {' '.join(str(part) for part in command[:4])} ... exited with {done.returncode}")


def install(kind: str) -> None:
    """Do what is not done yet. A finished step is stamped, so that an interrupted set-up goes on from there."""
    steps = wanted(kind)
    missing = [name for name, value in steps.items() if not stands(name, value)]
    if not missing:
        return
    began = time.monotonic()
    if "python" in missing:
        shutil.rmtree(VENV, ignore_errors=True)  # made by another Python, in another place, or only half
        print(f"set-up: .venv with Python {sys.version_info.major}.{sys.version_info.minor}", file=sys.stderr)
        venv.create(VENV, with_pip=True)
        stamp("python").write_text(steps["python"])
        missing = list(steps)
    pip = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "-qq",
        "--root-user-action=ignore",
    ]
    if kind in missing:
        print(f"set-up: packages of requirements/{kind}.lock (once; a minute or two)", file=sys.stderr)
        # The lock names everything, so nothing is resolved: an older pip would look at versions newer than the lock for
        # what is wanted with an extra (coverage[toml]) and stop, because their hashes are unknown.
        call(*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", f"requirements/{kind}.lock")
        if kind == "dev":
            # What is published as source alone, which dev.lock's own build tools make into a package.
            build = ("--no-build-isolation", "--no-binary", ":all:")
            call(*pip, "--no-deps", "--require-hashes", *build, "-r", "requirements/source.lock")
        call(PYTHON, "-m", "pip", "--disable-pip-version-check", "check", quiet=True)
        for name in ("run", "dev") if kind == "dev" else ("run",):  # dev holds everything of run
            stamp(name).write_text(steps[name])
    if "project" in missing:
        if not os.environ.get("CC") and not any(shutil.which(name) for name in COMPILERS):
            print("set-up: a C compiler, for the engine (once; a hundred megabytes)", file=sys.stderr)
            call(*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", "requirements/compiler.lock")
        # The project itself, from this folder: build tools come from the lock, so nothing is fetched.
        call(*pip, "--no-deps", "--no-build-isolation", "-e", ".")
        stamp("project").write_text(steps["project"])
    print(f"set-up: done in {time.monotonic() - began:.0f} s", file=sys.stderr)


def catalogues() -> None:
    """Compile translations that are newer than their compiled form (the build hook did it at install)."""
    stale = [po for po in (ROOT / "src").rglob("*.po") if not fresh(po)]
    if stale:
        call(PYTHON, "hatch_build.py", *stale)


def fresh(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime


def engine() -> None:
    """Compile the engine if any of its C is newer than the library (the build hook did it at install)."""
    library = ROOT / "src/simsa/engine/native/simsa_engine.so"
    newest = max(c.stat().st_mtime for c in (ROOT / "src/simsa/engine").rglob("*.[ch]"))
    if not library.exists() or library.stat().st_mtime < newest:
        call(PYTHON, "hatch_build.py", "engine")


def chromium() -> None:
    """Install Chromium for the browser tests where that is possible; the tests say loudly where it is not."""
    if os.environ.get("SIMSA_CHROMIUM") or any(shutil.which(name) for name in CHROMIUM):
        return
    apt = shutil.which("apt-get")
    if not apt:
        return
    sudo: list[str] = []
    if os.geteuid() != 0:
        found = shutil.which("sudo")
        if not found or subprocess.run([found, "-n", "true"], capture_output=True, check=False).returncode:
            return
        sudo = [found, "-n"]
    print("set-up: Chromium for the browser tests (once)", file=sys.stderr)
    quiet = {"capture_output": True, "check": False, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run([*sudo, apt, "update", "-q"], **quiet)
    subprocess.run([*sudo, apt, "install", "-q", "-y", "--no-install-recommends", "chromium"], **quiet)


def main(kind: str) -> int:
    if kind not in ("run", "dev"):
        sys.exit("usage: tools/setup.py run|dev")
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is run before anything has checked it)
        sys.exit(f"simsa needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    install(kind)
    catalogues()
    engine()
    if kind == "dev":
        chromium()
    return 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["run"])))
