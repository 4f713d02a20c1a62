"""The feeds as the tests play them: what the KMA sends, and a real server on this machine that sends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from simsa.web.weather.readings import KOREA
from simsa.web.weather.stations import stations

OBSERVED = datetime(2026, 8, 3, 15, 0, tzinfo=KOREA)
NOW = datetime(2026, 8, 3, 15, 8, tzinfo=KOREA)
Row = dict[str, str]


def hub_row(
    number: int,
    *,
    tm: str = "202608031500",
    ta: str = "28.4",
    td: str = "25.6",
    hm: str = "85.0",
    wc: str = "-9",
    ww: str = "-",
    cover: str = "6",
) -> str:
    """A line of the hub, 46 columns wide."""
    return (
        f"{tm} {number:3d}   2  2.1  -9 -9.0   -9 1010.1 1012.1  7  -0.2  {ta}  {td}  {hm}  32.8   -9.0   -9.0   -9.0 "
        f"  -9.0   -9.0   -9.0   -9.0 {wc} -9 {ww}                        {cover}   6    4 -         -9  -9  -9  3300 "
        " 0.0  1.20 -9  36.6 -99.0 -99.0 -99.0 -99.0  -9 -9.0 -9  3 -9"
    )


def hub_text(rows: dict[int, Row] | None = None, *, only: int = 97, tm: str = "202608031500") -> str:
    """An answer of the hub with the first `only` stations; `rows` changes columns of some."""
    lines = ["#START7777", "#" + "-" * 60, "# YYMMDDHHMI STN  WD   WS GST  관측시각 지점 기온"]
    lines += [hub_row(one.number, **{"tm": tm, **(rows or {}).get(one.number, {})}) for one in stations()[:only]]
    return "\n".join([*lines, "#7777END", ""])


def hub_body(rows: dict[int, Row] | None = None, *, only: int = 97, tm: str = "202608031500") -> bytes:
    return hub_text(rows, only=only, tm=tm).encode("euc_kr")


def map_text(entries: dict[int, Row] | None = None, *, hour: int = 15, year: int = 2026) -> str:
    """The weather map; `entries` changes attributes of some stations."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<current xmlns="current">']
    lines.append(f'<weather year="{year}" month="08" day="03" hour="{hour:02d}">')
    for one in stations():
        values = {"icon": "03", "desc": "구름많음", "ta": "25.7", **(entries or {}).get(one.number, {})}
        written = " ".join(f'{name}="{value}"' for name, value in values.items())
        lines.append(f'<local stn_id="{one.number}" {written}>{one.name_ko}</local>')
    return "\n".join([*lines, "</weather>", "</current>", ""])


@dataclass
class Answer:
    """What the server sends: `drip` is the pause in seconds between its bytes, `wait` the pause before all of it."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    wait: float = 0.0


class Feed:
    """A server with an answer for each path, and the requests that it got."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def hub(self, body: bytes = b"", **other: object) -> None:
        self.answers["/hub"] = Answer(body, **other)  # type: ignore[arg-type]

    def map(self, body: bytes = b"", **other: object) -> None:
        self.answers["/map"] = Answer(body, **other)  # type: ignore[arg-type]


@contextmanager
def running() -> Iterator[Feed]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    feed = Feed(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(lambda: feed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield feed
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(feed: Callable[[], Feed]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed().asked.append(self.path)
            answer = feed().answers.get(self.path.partition("?")[0], Answer(b"not here", 404))
            time.sleep(answer.wait)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                pieces = [answer.body] if not answer.drip else [bytes([one]) for one in answer.body]
                for piece in pieces:
                    self.wfile.write(piece)
                    time.sleep(answer.drip)
            except OSError:
                pass  # the client has gone, which some tests are about

        def log_message(self, *_: object) -> None:
            pass

    return Handler
