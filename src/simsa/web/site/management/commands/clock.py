"""The clock as a process of its own, for sites whose web processes are not `simsa serve`."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from simsa.web.site.clock import ClockThread


class Command(BaseCommand):
    help = "Run what is due again and again (weather, scheduled articles) until stopped by Ctrl-C or SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before the thread, which inherits it: the signals wait for us
        clock = ClockThread()
        clock.start()
        self.stdout.write("the clock is running")
        self.stdout.flush()
        signal.sigwait(ends)
        clock.stop(20)
