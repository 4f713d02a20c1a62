"""Start the worker, watch it, and take nothing from it unchecked.

It gets no environment, no open files but its own, a new folder, and limits; it hands back JSON and files with fixed
names, which are measured and read as if a stranger had written them. Whatever becomes of it, the site goes on.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

LARGEST_ANSWER = 64 << 20
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
"""All that the worker knows of the world: so that libraries do not reserve memory for every core."""
# -I: nothing of the environment, of the folder that it starts in, and of the user.
COMMAND = (sys.executable, "-I", "-X", "utf8", "-m", "simsa.web.entries.evidence.worker")


class NotNowError(Exception):
    """The file could not be looked at; it has to wait, and be tried again."""


class ReadingError(NotNowError):
    """No worker could be started, or it was not done."""


class TooLongError(ReadingError):
    """The worker was not done in time: the machine was too busy, or no time is enough for this file."""


def run(task: dict[str, Any], original: BinaryIO, folder: Path, wall: float) -> str:
    """Have the worker do a task in `folder` with a file that is open for reading.

    Returns how it ended: "done", "memory", "time" (of the processor) or "died". ReadingError if it cannot be started,
    TooLongError if it needs longer than `wall` seconds.
    """
    try:
        worker = subprocess.Popen(  # noqa: S603 (a fixed command)
            [*COMMAND, json.dumps(task)],
            stdin=original,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=ENVIRONMENT | {"TMPDIR": str(folder)},
            close_fds=True,
            start_new_session=True,
            umask=0o077,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ReadingError("the worker cannot be started") from error
    try:
        worker.wait(wall)
    except subprocess.TimeoutExpired as error:
        raise TooLongError(f"the worker was not done after {wall:.0f} s") from error
    finally:
        _end(worker)
    return _how(worker.returncode)


def answer(folder: Path, name: str) -> dict[str, Any] | None:
    """What the worker wrote into a JSON file; None if there is none that can be used."""
    data = content(folder / name, LARGEST_ANSWER)
    if data is None:
        return None
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def content(path: Path, largest: int) -> bytes | None:
    """The bytes of a plain file that is not too large; None for anything else: a link, a pipe, a folder."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            told = os.fstat(handle)
            if stat.S_ISREG(told.st_mode) and told.st_nlink == 1 and told.st_size <= largest:
                return file.read(largest + 1)
    return None


def taken(path: Path, target: Path, largest: int) -> bool:
    """Move a plain file that is not too large to `target`; whether there was one. The worker has ended before."""
    with suppress(OSError):
        told = path.lstat()
        if stat.S_ISREG(told.st_mode) and told.st_nlink == 1 and told.st_size <= largest:
            path.replace(target)
            return True
    return False


def _end(worker: subprocess.Popen[bytes]) -> None:
    """End it and everything that it may have started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.kill()
    worker.wait()


OUT_OF_MEMORY = 12
"""The worker's own exit status."""


def _how(status: int) -> str:
    if status == 0:
        return "done"
    if status in (OUT_OF_MEMORY, -signal.SIGKILL):  # the latter by the kernel, where memory ran out for all
        return "memory"
    return "time" if status == -signal.SIGXCPU else "died"
