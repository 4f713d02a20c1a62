"""The parts of a study over processes of this machine or over a Dask cluster, results as they come."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, TypeVar

from simsa.engine.studies import StudyError

T = TypeVar("T")
R = TypeVar("R")

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_PATIENCE = 20  # seconds to reach a cluster


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """`workers` processes of this machine, each with one thread."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __call__(self, work: Callable[[T], R], parts: Sequence[T]) -> Iterator[tuple[int, R]]:
        with _one_thread():
            pool = ProcessPoolExecutor(
                max(1, min(self.workers, len(parts))),
                multiprocessing.get_context("spawn"),
                _begin,
                (work, parts),
            )
            try:
                with _interrupts_later():
                    numbers = {pool.submit(_work_at, number): number for number in range(len(parts))}
                for future in as_completed(numbers):
                    yield numbers[future], future.result()
            except BrokenProcessPool:
                raise StudyError("a worker process was killed (out of memory?); try fewer --workers") from None
            finally:
                running = list((pool._processes or {}).values())  # which the pool forgets when it is shut down
                for process in running:
                    process.terminate()  # what is still being computed is of no use to anybody
                # The pool's own thread is waited for: as the interpreter ends, it and the pool's exit handler would
                # use a pipe that the other has closed.
                pool.shutdown(cancel_futures=True)


class Cluster:
    """The workers of a Dask cluster, which must have the same simsa."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, work: Callable[[T], R], parts: Sequence[T]) -> Iterator[tuple[int, R]]:
        try:
            distributed: Any = importlib.import_module("distributed")  # comes with the extra `cluster` alone
        except ModuleNotFoundError:
            raise StudyError("--cluster needs Dask: pip install 'simsa[cluster]'") from None
        try:
            client = distributed.Client(self.address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise StudyError(f"--cluster {self.address}: there is no answer from a Dask scheduler ({error})") from None
        try:
            self._check(client)
            whole = client.scatter([(work, parts)], broadcast=True)[0]
            futures = client.map(_work_of, range(len(parts)), whole=whole, pure=False)
            numbers = {future.key: number for number, future in enumerate(futures)}
            for future, result in distributed.as_completed(futures, loop=client.loop, with_results=True):
                yield numbers[future.key], result
        finally:
            client.close()

    def _check(self, client: Any) -> None:
        """Refuses a cluster without workers, and one that would compute with another simsa."""
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise StudyError(f"--cluster {self.address}: the cluster has no workers; start some: dask worker ADDRESS")
        try:
            found = client.run(_simsa)
        except Exception as error:
            raise StudyError(f"--cluster {self.address}: simsa cannot be started there ({error})") from None
        own = _simsa()
        for worker, other in found.items():
            if other != own:
                raise StudyError(f"--cluster {self.address}: {worker} has simsa {other}, this is {own}")


def _simsa() -> str:
    return version("simsa")


@contextmanager
def _one_thread() -> Iterator[None]:
    """Processes that begin meanwhile use one thread each: none gets in the way of another, and all round alike."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _interrupts_later() -> Iterator[None]:
    """Ctrl-C waits until the processes have been started, who never hear of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


_given: list[tuple[Callable[[Any], Any], Sequence[Any]]] = []
"""What a worker of this machine works on. It gets it once: what it is sent later are numbers of parts."""


def _begin(work: Callable[[Any], Any], parts: Sequence[Any]) -> None:
    """A worker leaves Ctrl-C to the command, and ends when the command is gone, however it went."""
    _given.append((work, parts))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()


def _work_at(number: int) -> Any:
    return _work_of(number, _given[0])


def _work_of(number: int, whole: tuple[Callable[[Any], Any], Sequence[Any]]) -> Any:
    work, parts = whole
    return work(parts[number])
