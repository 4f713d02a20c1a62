"""The sequencer as a process of its own."""

from __future__ import annotations

from simsa.web.site.regular import RegularCommand, sequencer_thread


class Command(RegularCommand):
    help = "Put what is submitted into the records' logs, every second, until stopped by Ctrl-C or SIGTERM."
    thread = staticmethod(sequencer_thread)
