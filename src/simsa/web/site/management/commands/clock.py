"""The clock as a process of its own, for sites whose web processes are not `simsa serve`."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from simsa.web.site.clock import ClockThread


class Command(BaseCommand):
    help = "Run what is due again and again (weather, scheduled articles) until stopped by Ctrl-C or SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_said: ended.set())
        clock = ClockThread()
        clock.start()
        self.stdout.write("the clock is running")
        self.stdout.flush()
        while not ended.wait(1):  # a signal that another thread takes does not wake this one
            pass
        clock.stop(20)
