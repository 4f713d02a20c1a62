"""The walls that the worker puts around itself before it reads the first foreign byte. None needs a privilege.

1. Limits of the kernel on memory, processor, file size, open files; no core dumps; it dies with the site.
2. A network of its own with nothing in it, where the kernel lets it have one.
3. Files (Landlock): what Python needs may be read, its own folder written, nothing else seen: no keys, no database.
4. Calls (seccomp): no sockets, no new programs or processes, no tracing, no mounts, no way back.

A wall that a kernel lacks is left out and not claimed; `up` says which ones stand.
"""

from __future__ import annotations

import ctypes
import mimetypes
import os
import platform
import resource
import signal
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from struct import pack

from simsa.web.entries.evidence.limits import Limits

NO_NEW_PRIVILEGES, PARENT_DEATH, SET_DUMPABLE = 38, 1, 4
NEW_NETWORK, NEW_USER, NEW_IPC = 0x40000000, 0x10000000, 0x08000000
OPEN_FILES = 64

# Landlock's system calls have the same numbers on every machine.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
RIGHTS_BY_VERSION = (0, 0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF)
NET_BY_VERSION, SCOPE_BY_VERSION = 4, 6
OWN_FOLDER = READ_FILE | READ_DIR | WRITE_FILE | 0x10 | 0x20 | 0x80 | 0x100 | 0x2000 | 0x4000
"""And there: remove and make files and folders, move them, cut them short."""


def up(limits: Limits, folder: Path) -> tuple[str, ...]:
    """Put them up; says which stand."""
    _limit(limits)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    libc.prctl(SET_DUMPABLE, 0, 0, 0, 0)
    network = _own_network(libc)
    if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return ("limits", *(["network"] if network else []))
    files = _files(libc, folder)
    _drop_capabilities(libc)
    calls = _calls(libc)
    stand = {"limits": True, "network": network or calls, "files": files, "calls": calls}
    return tuple(name for name, stands in stand.items() if stands)


def _limit(limits: Limits) -> None:
    os.nice(10)  # on the night of a deadline people come first
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        free = hard == resource.RLIM_INFINITY
        most = most if free else min(most, hard)
        # At the soft limit of the processor the kernel says why it ends the process, at the hard one it does not.
        resource.setrlimit(what, (most, most + 1 if free and what == resource.RLIMIT_CPU else most))


def _own_network(libc: ctypes.CDLL) -> bool:
    """Root may have one at once, others in a world of users of their own."""
    own = NEW_NETWORK | NEW_IPC
    return any(libc.unshare(flags) == 0 for flags in (own, own | NEW_USER))


def _files(libc: ctypes.CDLL, folder: Path) -> bool:
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    rights = RIGHTS_BY_VERSION[min(version, len(RIGHTS_BY_VERSION) - 1)]
    network = 3 if version >= NET_BY_VERSION else 0
    scope = 3 if version >= SCOPE_BY_VERSION else 0
    attributes = pack("<QQQ", rights, network, scope)
    size = 24 if scope else 16 if network else 8
    ruleset = libc.syscall(CREATE_RULESET, ctypes.c_char_p(attributes), size, 0)
    if ruleset < 0:
        return False
    try:
        for path in _readable():
            _allow(libc, ruleset, path, (READ_FILE | READ_DIR | EXECUTE) & rights)
        _allow(libc, ruleset, folder, OWN_FOLDER & rights)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _readable() -> Iterable[Path]:
    """Where Python, its packages and the libraries of the system are."""
    known = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values()}
    system = {"/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache", "/dev/null"}
    system |= {"/dev/urandom", "/proc/self", "/sys/devices/system/cpu", *map(str, mimetypes.knownfiles)}
    own = Path(__file__).parents[4]  # the package, where it is used from its sources
    return {Path(path) for path in known | system} | {own}


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= EXECUTE | WRITE_FILE | READ_FILE | 0x4000
        rule = pack("<Qi", rights, handle)
        libc.syscall(ADD_RULE, ruleset, 1, ctypes.c_char_p(rule), 0)
    finally:
        os.close(handle)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Root, and whoever is alone in a world of users, gives away what it may: limits can no longer be raised."""
    libc.capset(ctypes.c_char_p(pack("<Li", 0x20080522, 0)), ctypes.c_char_p(bytes(24)))


# --- seccomp ----------------------------------------------------------------------------------------------------------

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FORBIDDEN: dict[str, tuple[int, int]] = {
    # name: its number on x86_64 and on aarch64 (-1: there is none)
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
}
CLONE, CLONE3 = (56, 220), (435, 435)
THREAD = 0x00010000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, MACHINE, FIRST = 0, 4, 16
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
NOT_PERMITTED, NOT_THERE = 1, 38
SET_FILTER, ALL_THREADS = 1, 1


def _calls(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    if machine not in MACHINES or sys.byteorder != "little":
        return False
    column = list(MACHINES).index(machine)
    program = _program(MACHINES[machine], column)
    instructions = ctypes.create_string_buffer(program)
    described = ctypes.create_string_buffer(pack("@HxxxxxxQ", len(program) // 8, ctypes.addressof(instructions)))
    return bool(libc.syscall((317, 277)[column], SET_FILTER, ALL_THREADS, described) == 0)


def _program(machine: int, column: int) -> bytes:
    """Classic BPF: another machine's calls end the process, forbidden ones fail, threads may be made."""
    numbers = sorted(call[column] for call in FORBIDDEN.values() if call[column] >= 0)
    made = [
        _step(LOAD, MACHINE),
        _step(EQUAL, machine, yes=1),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
        _step(AT_LEAST, 0x40000000, no=1),  # the x32 calls, which are the same under other numbers
        _step(RETURN, KILL),
        # glibc asks for clone3, whose flags a filter cannot see, and goes back to clone where there is none.
        _step(EQUAL, CLONE3[column], no=1),
        _step(RETURN, FAIL | NOT_THERE),
        _step(EQUAL, CLONE[column], no=4),
        _step(LOAD, FIRST),
        _step(ANY_BIT, THREAD, yes=1),
        _step(RETURN, FAIL | NOT_PERMITTED),
        _step(RETURN, ALLOW),
    ]
    for number in numbers:
        made += [_step(EQUAL, number, no=1), _step(RETURN, FAIL | NOT_PERMITTED)]
    return b"".join([*made, _step(RETURN, ALLOW)])


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return pack("<HBBL", code, yes, no, value)
