"""Threads that do one thing again and again beside the pages: the clock, the sequencer of the records."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections, connections
from django.utils import timezone

from simsa.web.programmes import sequencing
from simsa.web.site import clock

log = logging.getLogger("simsa.regular")


class Regular(threading.Thread):
    """Does `work` every `step` seconds until it is told to stop; a database that fails for a while only delays it."""

    def __init__(self, name: str, step: float, work: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self._step, self._work = step, work
        self._stopping = threading.Event()
        self._failed = ""

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
                self._failed = ""
            except Exception as error:
                if str(error) != self._failed:  # a database that is away is said once
                    log.exception("%s failed; it goes on", self.name)
                self._failed = str(error)
            close_old_connections()
            self._stopping.wait(self._step)
        connections.close_all()

    def stop(self, patience: float) -> None:
        """Let what is running end, for so many seconds at most."""
        self._stopping.set()
        self.join(patience)


def clock_thread() -> Regular:
    return Regular("the clock", clock.STEP, lambda: clock.tick(timezone.now()))


def sequencer_thread() -> Regular:
    return Regular("the sequencer", sequencing.STEP, sequencing.sequence_waiting)


class RegularCommand(BaseCommand):
    """One such thread as a process of its own, for sites whose web processes are not `simsa serve`."""

    thread: Callable[[], Regular]

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_said: ended.set())
        running = type(self).thread()
        running.start()
        self.stdout.write(f"{running.name} is running")
        self.stdout.flush()
        while not ended.wait(1):  # a signal that another thread takes does not wake this one
            pass
        running.stop(20)
