"""The clock as a process of its own."""

from __future__ import annotations

from simsa.web.site.regular import RegularCommand, clock_thread


class Command(RegularCommand):
    help = "Run what is due again and again (weather, scheduled articles) until stopped by Ctrl-C or SIGTERM."
    thread = staticmethod(clock_thread)
