"""The process that reads foreign bytes: shut in, and no danger to the site whatever becomes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from simsa.web.entries.evidence import Limits, ReadingError, TooLongError, examine
from simsa.web.entries.evidence.answers import LOOKED, SHOWN
from simsa.web.entries.evidence.examining import webp_size
from simsa.web.entries.evidence.sandbox import launch
from tests.web.entries.evidence.files import docx_file, pdf_file, picture

LISTENING = "import sys; sys.stdin.buffer.read(); "


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(picture("PNG"))
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


@pytest.fixture
def worker(monkeypatch):
    """Puts another program into the place of the worker."""

    def put(code: str) -> None:
        monkeypatch.setattr(launch, "COMMAND", (sys.executable, "-I", "-c", code))

    return put


# --- the walls --------------------------------------------------------------------------------------------------------

TRIES = """
import ctypes, json, os, socket, sys, threading, resource
from pathlib import Path
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.sandbox.walls import up

folder, outside = Path(sys.argv[1]), Path(sys.argv[2])
stand = up(Limits(memory=900 << 20, output=1 << 20), folder)

def fails(do):
    try:
        do()
    except BaseException as error:
        return type(error).__name__
    return None

def thread():
    ran = []
    one = threading.Thread(target=lambda: ran.append(1))
    one.start(), one.join()
    assert ran

def large():
    with open(folder / "large", "wb") as file:
        file.write(bytes(2 << 20))

said = {
    "stand": stand,
    "write": fails(lambda: (folder / "a").write_text("a")),
    "thread": fails(thread),
    "read outside": fails(lambda: outside.read_text()),
    "read /etc": fails(lambda: Path("/etc/passwd").read_text()),
    "list outside": fails(lambda: os.listdir(outside.parent)),
    "write outside": fails(lambda: (outside.parent / "b").write_text("b")),
    "remove outside": fails(lambda: outside.unlink()),
    "socket": fails(lambda: socket.socket()),
    "unix socket": fails(lambda: socket.socket(socket.AF_UNIX)),
    "fork": fails(os.fork),
    "program": fails(lambda: os.execv("/bin/true", ["true"])),
    "signal": fails(lambda: os.kill(os.getppid(), 0)),
    "memory": fails(lambda: bytearray(2 << 30)),
    "raise memory": fails(lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))),
    "large file": fails(large),
    "library": fails(lambda: __import__("pypdfium2")),
    "trace": ctypes.CDLL(None).ptrace(0, 0, 0, 0),
    "unshare": ctypes.CDLL(None).unshare(0x10000000),
}
Path(folder / "said.json").write_text(json.dumps(said))
"""
USERS = [None, 65534] if hasattr(os, "geteuid") and os.geteuid() == 0 else [None]


@pytest.mark.parametrize("user", USERS, ids=["own user", "nobody"][: len(USERS)])
def test_the_walls_hold(user):
    if user is not None:
        imports = [sys.executable, "-I", "-c", "import simsa.web"]
        if subprocess.run(imports, user=user, group=user, extra_groups=[], check=False).returncode:
            pytest.skip("another user cannot read this checkout")
    with TemporaryDirectory() as place:  # pytest's own folders are closed to other users
        _hold(Path(place), user)


def _hold(place: Path, user: int | None) -> None:
    folder, outside = place / "in", place / "out" / "secret"
    folder.mkdir()
    outside.parent.mkdir()
    outside.write_text("secret")
    if user is not None:
        place.chmod(0o755)
        os.chown(folder, user, user)
        outside.parent.chmod(0o777)
    options = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRIES, str(folder), str(outside)],
        env={"A": "a"},
        capture_output=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads((folder / "said.json").read_text())
    refused = {name: said[name] for name in said if name not in ("stand", "trace", "unshare")}
    stand = set(said["stand"])
    assert "limits" in stand
    expected = dict.fromkeys(("write", "thread", "library"))
    expected |= {"memory": "MemoryError", "raise memory": "ValueError", "large file": "OSError"}
    if "files" in stand:
        expected |= dict.fromkeys(
            ["read outside", "read /etc", "list outside", "write outside", "remove outside"], "PermissionError"
        )
    if "calls" in stand:
        expected |= dict.fromkeys(["socket", "unix socket", "fork", "program", "signal"], "PermissionError")
        assert (said["trace"], said["unshare"]) == (-1, -1)
    assert {name: refused[name] for name in expected} == expected
    assert outside.read_text() == "secret"


def test_this_machine_has_every_wall(file, folder):
    """What the project is tested on; a kernel that lacks one is told by `confined`, not refused."""
    if sys.platform != "linux":
        pytest.skip("the walls are Linux's")
    assert set(examine(file, "a.png", folder).confined) >= {"limits", "calls"}


def test_the_worker_gets_no_environment_and_no_open_files(worker, file, folder, monkeypatch):
    monkeypatch.setenv("SIMSA_SECRET_KEY", "secret")
    with (folder.parent / "database").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        worker(
            f"{LISTENING}import os, json\n"
            "handles = [n for n in range(3, 256) if os.path.exists(f'/proc/self/fd/{n}')]\n"
            "said = {'kind': None, 'faults': [], 'traces': [], 'walls': [], 'seen': [sorted(os.environ), handles]}\n"
            "for name in ('looked.json', '../kept.json'):\n    open(name, 'w').write(json.dumps(said))"
        )
        assert examine(file, "a.png", folder).kind is None
    environment, handles = json.loads((folder / "kept.json").read_text())["seen"]
    assert "SIMSA_SECRET_KEY" not in environment
    assert set(environment) <= {*launch.ENVIRONMENT, "TMPDIR", "LC_CTYPE"}
    assert handles == []


def test_the_worker_knows_nothing_of_the_site():
    loaded = "import simsa.web.entries.evidence.worker, simsa.web.entries.evidence.looking, sys; "
    loaded += "import simsa.web.entries.evidence.previews.documents; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-I", "-c", loaded], check=False).returncode == 0


# --- whatever becomes of it -------------------------------------------------------------------------------------------


def test_a_worker_that_hangs_is_ended_with_everything_it_started(worker, file, folder):
    worker(
        LISTENING + "import os, subprocess, sys, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "open('../child', 'w').write(str(child.pid)); time.sleep(60)"
    )
    with pytest.raises(TooLongError, match="not done"):
        examine(file, "a.png", folder, limits=Limits(wall=1))
    child = int((folder / "child").read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            break
        threading.Event().wait(0.05)
    else:
        pytest.fail("its child lives on")
    assert [path.name for path in folder.iterdir()] == ["child"]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os; os.abort()", ("damaged", "died")),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ("costly", "memory")),
        ("import ctypes; ctypes.string_at(0)", ("damaged", "died")),
        ("sys.exit(12)", ("costly", "memory")),
        ("sys.exit(1)", ("damaged", "died")),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", ("costly", "time")),
    ],
)
def test_a_worker_that_dies_is_a_fault_of_the_file(worker, file, folder, caplog, code, found):
    worker(LISTENING + code)
    (fault,) = examine(file, "a.png", folder).faults
    assert (fault.code, caplog.messages[-1].rpartition(" ")[2]) == found
    assert list(folder.iterdir()) == []


def test_a_file_that_eats_memory_or_time_is_a_fault_of_the_file(tmp_path, folder):
    path = tmp_path / "large.docx"
    path.write_bytes(docx_file())
    (fault,) = examine(path, "large.docx", folder, limits=Limits(memory=60 << 20)).faults
    assert fault.code in ("costly", "damaged")
    assert list(folder.iterdir()) == []


def test_a_worker_that_cannot_be_started_makes_the_file_wait(monkeypatch, file, folder):
    monkeypatch.setattr(launch, "COMMAND", ("/nowhere/python",))
    with pytest.raises(ReadingError, match="started"):
        examine(file, "a.png", folder)
    assert list(folder.iterdir()) == []


# --- nothing it says is believed --------------------------------------------------------------------------------------

GOOD = {"kind": "png", "faults": [], "traces": [], "walls": ["limits", "made up"]}
PAGES = {"pages": [{"width": 1, "height": 1, "text": "a"}], "text": "a", "notes": []}


def says(looked: object, shown: object = None, more: str = "") -> str:
    return (
        f"{LISTENING}import json, os\nopen({LOOKED!r}, 'w').write({json.dumps(looked)!r})\n"
        f"open({SHOWN!r}, 'w').write({json.dumps(shown)!r})\n{more}"
    )


@pytest.mark.parametrize(
    "looked",
    [
        {},
        {**GOOD, "kind": "exe"},
        {**GOOD, "faults": [{"code": "x"}]},
        {**GOOD, "faults": 7},
        {**GOOD, "traces": [[]]},
        {**GOOD, "walls": None},
    ],
)
def test_an_answer_of_another_shape_refuses_the_file(worker, file, folder, looked):
    worker(says(looked))
    examined = examine(file, "a.png", folder)
    assert (examined.kind, [fault.code for fault in examined.faults]) == (None, ["damaged"])


@pytest.mark.parametrize(
    "more",
    [
        "os.symlink('/etc/passwd', 'page-1.webp')",
        "os.mkfifo('page-1.webp')",
        "os.mkdir('page-1.webp')",
        "open('page-1.webp', 'wb').write(b'<script>')",
        "open('page-1.webp', 'wb').truncate(1 << 30)",
        "os.symlink('/etc/passwd', 'page-1.webp.part')",
    ],
)
def test_pages_that_are_no_pictures_are_not_taken(worker, file, folder, more):
    worker(says(GOOD, PAGES, more))
    examined = examine(file, "a.png", folder)
    assert examined.pages == ()
    assert [note.code for note in examined.notes] == ["no_preview"]
    assert examined.confined == ("limits",)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "more",
    [
        "os.remove('looked.json'); os.symlink('/etc/passwd', 'looked.json')",
        "open('looked.json', 'w').write('[' * 99999)",
    ],
)
def test_an_answer_that_cannot_be_read_refuses_the_file(worker, file, folder, more):
    worker(says(GOOD, PAGES, more))
    assert [fault.code for fault in examine(file, "a.png", folder).faults] == ["damaged"]


@pytest.mark.parametrize("shown", [[], {}, {"pages": 3, "text": "", "notes": []}, {**PAGES, "notes": [[]]}])
def test_pages_of_another_shape_are_not_taken(worker, file, folder, shown):
    worker(says(GOOD, shown))
    examined = examine(file, "a.png", folder)
    assert (examined.kind, examined.faults, examined.pages) == ("png", (), ())
    assert [note.code for note in examined.notes] == ["no_preview"]


def test_a_copy_that_is_none_refuses_the_file(worker, file, folder):
    for more in ("", "os.symlink('/etc/passwd', 'cleaned.bin'); open('cleaned.json', 'w').write('{\"left\": []}')"):
        worker(says(GOOD, PAGES, more))
        examined = examine(file, "a.png", folder, blind=True)
        assert [fault.code for fault in examined.faults] == ["not_cleaned"]
        assert examined.cleaned is None


def test_the_picture_of_a_page_holds_nothing_else():
    data = picture("WEBP")
    assert webp_size(data) == (60, 40)
    assert webp_size(data + b"more") is None
    assert webp_size(picture("WEBP", xmp=b"told")) is None
    assert webp_size(picture("PNG")) is None
    assert webp_size(data[:20]) is None


def test_files_are_read_side_by_side(tmp_path):
    """Threads of one site do not disturb each other."""
    results = {}

    def one(number: int) -> None:
        path, folder = tmp_path / f"{number}.pdf", tmp_path / f"out{number}"
        folder.mkdir()
        path.write_bytes(pdf_file(number))
        results[number] = len(examine(path, f"{number}.pdf", folder).pages)

    threads = [threading.Thread(target=one, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {1: 1, 2: 2, 3: 3}
