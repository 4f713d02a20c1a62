"""The engine's compiled part: every C file of the engine, in one shared library that is built at install."""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tell = Callable[[int, float], object]
"""Told the number of the step at hand and the share of it that is done. May raise, which stops the call."""

_TELL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_double)
_LIBRARY = Path(__file__).with_name("simsa_engine.so")


class NativeError(RuntimeError):
    """The compiled part is missing, or it ran out of memory."""


@cache
def _library() -> ctypes.CDLL:
    if not _LIBRARY.exists():
        raise NativeError("simsa's engine is not compiled: install simsa anew, or run python hatch_build.py engine")
    return ctypes.CDLL(str(_LIBRARY))


Argument = NDArray[Any] | ctypes.Structure | int | float | None


def call(name: str, *arguments: Argument, tell: Tell | None = None) -> None:
    """Call a function of the library: arrays and structures as pointers, whole numbers as int64, others as double,
    `tell` last.

    Arrays must be contiguous and of the type that the function expects: nothing here can know.

    Raises:
        NativeError: the library is missing or has no memory left.
        OverflowError: a whole number that does not fit into 64 bits.
        Exception: whatever `tell` raised.
    """
    raised: list[BaseException] = []

    def told(step: int, share: float) -> int:
        try:
            assert tell is not None
            tell(step, share)
        except BaseException as error:
            raised.append(error)
        return len(raised)

    function = getattr(_library(), name)
    function.restype = ctypes.c_int
    with _interrupts(raised):
        result = function(*map(_argument, arguments), _TELL(told) if tell else None)
    if raised:
        raise next((error for error in raised if isinstance(error, KeyboardInterrupt)), raised[0])
    if result:
        raise NativeError("not enough memory")


@contextmanager
def _interrupts(raised: list[BaseException]) -> Iterator[None]:
    """Note a Ctrl-C instead of raising it: in the middle of a call back from C it would be lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # somebody else's way to stop
        yield
        return

    def note(_signal: int, _frame: object) -> None:
        raised.append(KeyboardInterrupt())
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second one ends a call that asks nobody

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _argument(value: Argument) -> Any:
    if value is None:
        return None
    if isinstance(value, ctypes.Structure):
        return ctypes.byref(value)
    if isinstance(value, np.ndarray):
        assert value.flags.c_contiguous
        return ctypes.c_void_p(value.ctypes.data)
    if not isinstance(value, int | np.integer):
        return ctypes.c_double(value)
    if not -(2**63) <= value < 2**63:  # ctypes would take its lowest bits
        raise OverflowError(f"{value} does not fit into 64 bits")
    return ctypes.c_int64(int(value))
