"""One process that serves pages and does background work: gunicorn, embedded, with the rest in threads.

gunicorn runs one worker process with threads; in it, a daemon thread takes tasks from the database queue of
django-tasks, one at a time, another does what is due again and again, and a third sequences the records. Larger sites
run several web processes, and `python -m simsa.web.site db_worker`, `clock` and `sequence` beside.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

log = logging.getLogger("simsa.server")

PORT = 8000
TRIED = 50
# A request and a task get this long to end when the server is told to stop.
GRACE = 20


class PortTakenError(RuntimeError):
    """The port that was asked for is in use."""


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket on the given port, or on the first free one from 8000 on where none is given.

    Raises PortTakenError where the given port, or every one of the fifty tried, is in use.
    """
    wanted = range(PORT, PORT + TRIED) if port is None else [port]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in wanted:
        server = socket.socket(family, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, number))
            server.listen(128)
        except OSError as error:
            server.close()
            if error.errno == errno.EADDRINUSE:
                continue
            raise
        return server
    raise PortTakenError(f"port {wanted[0]}" if port is not None else f"ports {wanted[0]} to {wanted[-1]}")


class TaskThread(threading.Thread):
    """Takes tasks from the queue until it is told to stop; a database that fails for a while only delays it."""

    def __init__(self) -> None:
        super().__init__(name="tasks", daemon=True)
        self._stopping = threading.Event()
        self._worker: Any = None

    def run(self) -> None:
        from django.db import close_old_connections, connections  # noqa: PLC0415 (after Django's set-up)

        while not self._stopping.is_set():
            self._worker = _new_worker()
            try:
                self._worker.run()
            except Exception:
                log.exception("background work failed; it goes on in five seconds")
                close_old_connections()
                self._stopping.wait(5)
        connections.close_all()

    def stop(self, patience: float = GRACE) -> None:
        """Let the running task end, for so many seconds at most."""
        self._stopping.set()
        if self._worker is not None:
            self._worker.running = False
        self.join(patience)


class Server(BaseApplication):
    """gunicorn around the site's WSGI application on a socket that is listening already."""

    def __init__(self, bound: socket.socket, ready: Callable[[], None], threads: int) -> None:
        self._options = {
            "bind": f"fd://{bound.fileno()}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": threads,
            "timeout": 120,
            "graceful_timeout": GRACE,
            "keepalive": 5,
            "proc_name": "simsa",
            "control_socket_disable": True,
            "loglevel": "warning",
            "umask": 0o077,
            "when_ready": lambda _arbiter: ready(),
            "post_worker_init": self._start_background,
            "worker_int": self._stop_background,
            "worker_exit": lambda _arbiter, worker: self._stop_background(worker),
        }
        self._background: list[Any] = []
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from simsa.web.site.wsgi import application  # noqa: PLC0415 (in the worker, after the fork)

        return application

    def _start_background(self, _worker: Any) -> None:
        from simsa.web.site.regular import clock_thread, sequencer_thread  # noqa: PLC0415 (after Django's set-up)

        self._background = [TaskThread(), clock_thread(), sequencer_thread()]
        for thread in self._background:
            thread.start()

    def _stop_background(self, _worker: Any) -> None:
        while self._background:
            self._background.pop().stop(GRACE)


def _new_worker() -> Any:
    from django.utils.crypto import get_random_string  # noqa: PLC0415 (after Django's set-up)
    from django_tasks_db.management.commands.db_worker import Worker  # noqa: PLC0415

    return Worker(
        queue_names=["*"],
        interval=1.0,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"serve-{os.getpid()}-{get_random_string(8)}",
        excluded_queue_names=[],
    )
