import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from simsa.tables.examples import ExampleError, fetch, get_example, list_examples
from simsa.tables.mapping import Data, DataFile
from simsa.tables.round_folder import read_round

CONTENT = b"a,b\n" + b"1,2\n" * 50_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/none.csv":
            self.send_error(404)
        elif self.path == "/away.csv":
            self.send_response(302)
            self.send_header("Location", "http://example.org/a.csv")
            self.end_headers()
        elif self.path == "/moved.csv":
            self.send_response(302)
            self.send_header("Location", "/good.csv")
            self.end_headers()
        else:
            self.send_response(200)
            if self.path != "/endless.csv":
                self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[: 70_000 if self.path == "/short.csv" else None])
            if self.path == "/endless.csv":
                self.wfile.write(CONTENT)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_shared_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIMSA_DATA", raising=False)


def data(url: str, *, sha256: str | None = SHA256, size: int | None = len(CONTENT)) -> Data:
    return Data("fair", None, (DataFile("a.csv", url, sha256, size),))


@pytest.mark.parametrize("name", ["good", "moved"])
def test_a_file_is_downloaded_checked_and_not_downloaded_again(tmp_path: Path, home: str, name: str) -> None:
    steps: list[tuple[str, int, int]] = []
    wanted = data(f"{home}/{name}.csv")
    (file,) = fetch(wanted, tmp_path / "x/data", lambda *step: steps.append(step))
    assert file.path.read_bytes() == CONTENT
    assert (file.sha256, file.size, file.as_recorded, file.source) == (SHA256, len(CONTENT), True, f"{home}/{name}.csv")
    assert steps[-1] == ("a.csv", len(CONTENT), len(CONTENT))
    assert steps == sorted(steps)
    (again,) = fetch(wanted, tmp_path / "x/data", lambda *step: steps.append(step))
    assert (again.source, again.sha256) == ("there", SHA256)
    file.path.write_bytes(b"damaged")
    (repaired,) = fetch(wanted, tmp_path / "x/data")
    assert (repaired.source, file.path.read_bytes()) == (f"{home}/{name}.csv", CONTENT)


@pytest.mark.parametrize(
    ("name", "options", "what"),
    [
        ("away", {}, "leads to http://example.org/a.csv, which is not https"),
        ("none", {}, "the server answers 404"),
        ("good", {"sha256": "0" * 64}, "is not the recorded file .SHA-256 is"),
        ("short", {}, "broke off"),
        ("short", {"size": None}, "broke off"),
        ("good", {"size": 100}, "is longer than the 100 bytes"),
        ("endless", {}, "is longer than the 200004 bytes"),
    ],
)
def test_a_file_that_is_not_the_recorded_one_is_never_kept(
    tmp_path: Path, home: str, name: str, options: dict[str, None], what: str
) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    with pytest.raises(ExampleError, match=what):
        fetch(data(f"{home}/{name}.csv", **{"sha256": SHA256, **options}), tmp_path)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.csv", b"old")]


def test_addresses_that_cannot_be_used(tmp_path: Path) -> None:
    for url in (
        "http://example.org/a.csv",
        "file:///etc/hostname",
        "file://localhost/etc/hostname",
        "ftp://127.0.0.1/a.csv",
        "https://[/a.csv",
    ):
        with pytest.raises(ExampleError, match="is not https"):
            fetch(data(url), tmp_path)
    with pytest.raises(ExampleError, match=r"cannot be reached: .*set SIMSA_DATA to a folder"):
        fetch(data("http://127.0.0.1:9/a.csv"), tmp_path)
    with pytest.raises(ExampleError, match="no address is recorded"):
        fetch(Data(None, None, (DataFile("a.csv"),)), tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExampleError, match="File exists"):
        fetch(data("https://example.org/a.csv"), tmp_path / "file")


def test_the_shared_folder_comes_first_whatever_its_checksum(
    tmp_path: Path, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared/fair"
    shared.mkdir(parents=True)
    monkeypatch.setenv("SIMSA_DATA", str(tmp_path / "shared"))
    (downloaded,) = fetch(data(f"{home}/good.csv"), tmp_path / "data")
    assert downloaded.source == f"{home}/good.csv"
    (shared / "a.csv").write_bytes(b"other")
    (copied,) = fetch(data(f"{home}/good.csv"), tmp_path / "data")
    assert (copied.source, copied.as_recorded, copied.path.read_bytes()) == (str(shared), False, b"other")


def test_the_examples_are_listed_and_the_one_without_foreign_data_is_ready() -> None:
    examples = {example.name: example for example in list_examples()}
    assert sorted(examples) == ["fiscal-efforts", "proactive", "skating"]
    assert examples["proactive"].ready
    assert examples["proactive"].title == "Proactive administration evaluation, first half of 2023"
    with pytest.raises(ExampleError, match=r"no example 'curling' \(there are fiscal-efforts, proactive, skating\)"):
        get_example("curling")


def test_an_example_is_copied_elsewhere_without_overwriting_anything(tmp_path: Path) -> None:
    (tmp_path / "panel.csv").write_text("mine", "utf-8")
    assert get_example("proactive", tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["README.md", "panel.csv", "round.toml", "rules.toml"]
    assert (tmp_path / "panel.csv").read_text("utf-8") == "mine"
    (tmp_path / "panel.csv").unlink()
    get_example("proactive", tmp_path)
    assert len(read_round(tmp_path).entries) == 243
