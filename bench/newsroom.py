"""The newsroom: an article uncached and kept, beside the page of a bare `wagtail start`; behind nginx beside a file.

Everything runs as it is served: the site's own settings on SQLite in a new folder, `simsa serve` for what is asked over
the network. nginx and wrk are brought from the system's packages where they are missing and that is allowed; without
them their figures are left out, and said to be.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figure import Figure

ROOT = Path(__file__).parents[1]
REQUESTS = 200
RUNS = 3
SECONDS, PAIRS = 4, 11
"""Of a load on nginx: a single pair says little on a machine that others use, too."""
QUIET, PURGED = 15, 5
PAGE = "/ko/sosik/article/"

# What a child process runs: it prints one JSON object on its last line.
_MEASURE = """
import json, os, statistics, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", {settings!r})
import django; django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
settings.LOGGING_CONFIG = None
if {uncached!r}:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith(".PageCache")]
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(raise_request_exception=True)
for _ in range(5):
    answer = client.get({path!r})
assert answer.status_code == 200, answer.status_code
with CaptureQueriesContext(connection) as queries:
    client.get({path!r})
asked = len(queries)  # now: the next request empties Django's list
taken = []
for _ in range({runs}):
    began = time.process_time()
    for _ in range({requests}):
        client.get({path!r})
    taken.append((time.process_time() - began) / {requests} * 1000)
print(json.dumps(dict(ms=statistics.median(taken), queries=asked, bytes=len(answer.content))))
"""

_FILL = """
import io
import django; django.setup()
from django.core.files.images import ImageFile
from django.core.management import call_command
from PIL import Image
call_command("migrate", verbosity=0)
from simsa.web.awards.services import load_folder
from simsa.web.newsroom.models import ArticleAuthor, ArticlePage, Author, Correction, HomePage, NewsPicture, SectionPage
from simsa.web.newsroom.tasks import make_renditions
round_ = load_folder({example!r})
section = HomePage.objects.get(locale__language_code="ko").add_child(instance=SectionPage(title="소식", slug="sosik"))
other = SectionPage(title="News", slug="news-desk", translation_key=section.translation_key)
HomePage.objects.get(locale__language_code="en").add_child(instance=other)
entrants = [entry.entrant for entry in round_.entries.select_related("entrant")[:7]]
author = Author.objects.create(slug="kim", name_ko="김기자", name_en="Kim")
data = io.BytesIO(); Image.linear_gradient("L").resize((1600, 900)).convert("RGB").save(data, "JPEG"); data.seek(0)
picture = NewsPicture.objects.create(title="gradient", file=ImageFile(data, name="gradient.jpg"), credit="simsa")
make_renditions.call(picture.pk)
words = "<p>" + "전국 지방자치단체를 심사해 우수기관을 선정했다. " * 12 + "</p>"
key = None
for n in range(30):
    name = "article" if n == 0 else f"other-{{n}}"
    body = [("paragraph", words), ("winners", dict(caption="")), ("result_map", dict(caption="")), ("paragraph", words)]
    article = ArticlePage(
        title=f"선정 {{n}}", slug=name, body=body if n == 0 else body[:1], round=round_, live=False,
        subheads=[("subhead", "일곱 곳 선정")], lead_picture=picture, lead_alt="그림", region="2900000000",
    )
    section.add_child(instance=article)
    article.authors.add(ArticleAuthor(author=author))
    article.tags.add("적극행정", "선정")
    article.entrants = entrants
    if n == 0:
        article.corrections.add(Correction(what="틀린 수를 바로잡았습니다."))
        key = article.translation_key
    article.save_revision().publish()
english = ArticlePage(title="Selected", slug="article", translation_key=key, round=round_, live=False)
other.add_child(instance=english)
english.save_revision().publish()
"""


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "site"
        env = _environment(home)
        _python(_FILL.format(example=str(ROOT / "examples" / "proactive")), env)
        bare = _bare_wagtail(Path(folder))
        own = _measured("simsa.web.site.settings", PAGE, env, uncached=True)
        kept = _measured("simsa.web.site.settings", PAGE, env, uncached=False)
        how = f"median of {RUNS} x {REQUESTS} requests through the whole middleware"
        peer = "the page of a bare `wagtail start`"
        ratio = own["ms"] / bare["ms"]
        yield Figure("article, uncached", own["ms"], "CPU ms", how, peer, ratio, "<= 20", own["ms"] <= 20)
        yield Figure("article, queries", own["queries"], "", "one request", goal="<= 8", holds=own["queries"] <= 8)
        yield Figure("article, kept", kept["ms"], "CPU ms", how, peer, kept["ms"] / bare["ms"], "<= 1.5",
                     kept["ms"] <= 1.5)  # fmt: skip
        yield from _served(Path(folder), env)


def _environment(home: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SIMSA_", "DATABASE_", "DJANGO_"))}
    return own | {
        "SIMSA_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "simsa.web.site.settings",
        "SIMSA_LOG": "ERROR",
        "SIMSA_STATIC": "source",
        "SIMSA_WEATHER": "recorded",
    }


def _python(code: str, env: dict[str, str], cwd: Path | None = None) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return done.stdout


def _measured(
    settings: str, path: str, env: dict[str, str], *, uncached: bool, cwd: Path | None = None
) -> dict[str, Any]:
    code = _MEASURE.format(settings=settings, path=path, uncached=uncached, runs=RUNS, requests=REQUESTS)
    found: dict[str, Any] = json.loads(_python(code, env, cwd).splitlines()[-1])
    return found


def _bare_wagtail(folder: Path) -> dict[str, Any]:
    """The page that a new Wagtail project shows, measured in the same way."""
    project = folder / "bare"
    project.mkdir()
    wagtail = str(Path(sys.executable).parent / "wagtail")
    subprocess.run([wagtail, "start", "bare", str(project)], check=True, capture_output=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "SIMSA_"))}
    env |= {"DJANGO_SETTINGS_MODULE": "bare.settings.dev"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=project, env=env, check=True, capture_output=True
    )
    return _measured("bare.settings.dev", "/", env, uncached=False, cwd=project)


def _served(folder: Path, env: dict[str, str]) -> Iterator[Figure]:
    port, front = _free_port(), _free_port()
    address = f"http://127.0.0.1:{port}"
    env = env | {"SIMSA_STATIC": "collected", "SIMSA_URL": address}
    serve = "import sys; from simsa.web.site.commands import serve; serve(sys.argv[1:])"
    command = [sys.executable, "-c", serve, "--port", str(port), "--home", env["SIMSA_HOME"]]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            page = _get(address + PAGE)
            size = _first_view(address, page)
            how = "HTML, style sheets and scripts of a first visit, gzip; without fonts and pictures"
            yield Figure("first view", size / 1024, "KB", how, goal="<= 120", holds=size <= 120 * 1024)
            if not (_installed("nginx") and _installed("wrk")):
                print("nginx or wrk is not here: the figures behind nginx are left out", file=sys.stderr)
                return
            yield from _behind_nginx(folder, env, address, front, page)
        finally:
            server.terminate()


def _behind_nginx(folder: Path, env: dict[str, str], address: str, front: int, page: bytes) -> Iterator[Figure]:
    www = folder / "www"
    www.mkdir()
    (www / "page.html").write_bytes(page)
    conf = folder / "nginx.conf"
    conf.write_text(_nginx(folder, front, address.removeprefix("http://")))
    with subprocess.Popen(["nginx", "-e", str(folder / "error.log"), "-c", str(conf), "-g", "daemon off;"]) as nginx:
        try:
            through = f"http://127.0.0.1:{front}"
            _get(through + PAGE)
            pairs = [(_rate(f"{through}/page.html"), _rate(through + PAGE)) for _ in range(PAIRS)]
            ratio = statistics.median(ours / file for file, ours in pairs)
            rate = statistics.median(ours for _file, ours in pairs)
            how = f"wrk, 2 threads, 32 connections, {SECONDS} s, in pairs; median of {PAIRS}"
            peer = "the same bytes as a file of nginx"
            yield Figure("article behind nginx", rate, "requests/s", how, peer, ratio, ">= 0.8", ratio >= 0.8)
            yield from _purged(through + PAGE, env)
        finally:
            nginx.terminate()


def _purged(address: str, env: dict[str, str]) -> Iterator[Figure]:
    """What the first reader sees who comes five seconds after a change, and after nobody came for a while."""
    how = f"of {RUNS}: nobody asks for {QUIET} s, then a change, then one reader after {PURGED} s"
    corrected = sum(
        title.encode() in _after(address, env, f"article.title = {title!r}; article.save_revision().publish()")
        for title in (f"CORRECTED {number}" for number in range(RUNS))
    )
    yield Figure("corrections seen", corrected, "", how, goal=f">= {RUNS}", holds=corrected == RUNS)
    gone = b"CORRECTED" not in _after(address, env, "article.unpublish()")
    yield Figure("withdrawals seen", int(gone), "", "one, in the same way", goal=">= 1", holds=gone)


def _after(address: str, env: dict[str, str], change: str) -> bytes:
    _get(address)
    time.sleep(QUIET)
    child = "import django; django.setup()\nfrom simsa.web.newsroom.models import ArticlePage\n"
    _python(f"{child}article = ArticlePage.objects.get(slug='article', locale__language_code='ko'); {change}", env)
    time.sleep(PURGED)
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return bytes(error.read())


def _nginx(folder: Path, port: int, site: str) -> str:
    """The configuration that the documentation gives, on other ports and folders, with a file beside the pages."""
    text = (ROOT / "docs" / "how-to" / "newsroom.md").read_text(encoding="utf-8")
    found = re.search(r"```nginx\n(.*?)```", text, re.DOTALL)
    assert found is not None
    said = found[1]
    for theirs, ours in (
        ("/var/cache/nginx/simsa", f"{folder}/kept"),
        ("http://127.0.0.1:8000", f"http://{site}"),
        ("listen 80;", f"listen 127.0.0.1:{port};\n  location = /page.html {{ root {folder}/www; }}"),
        ("server_name news.example.kr;", ""),
        ("Host news.example.kr", f"Host {site}"),
    ):
        assert theirs in said, theirs
        said = said.replace(theirs, ours)
    user = "user root;" if os.geteuid() == 0 else ""  # who alone may read the folder
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"{user} worker_processes 1; pid {folder}/nginx.pid; events {{ worker_connections 256; }}\n"
        f"http {{ access_log off; default_type text/html; {paths}\n{said}\n}}\n"
    )


def _rate(address: str) -> float:
    done = subprocess.run(["wrk", "-t2", "-c32", f"-d{SECONDS}s", address], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        raise RuntimeError(done.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def _first_view(address: str, page: bytes) -> int:
    """Bytes of the page and of the style sheets and scripts that it names, each packed on its own."""
    text = page.decode()
    named = re.findall(r'<link rel="stylesheet" href="([^"]+)"', text) + re.findall(r'<script[^>]* src="([^"]+)"', text)
    return sum(len(gzip.compress(part)) for part in [page, *(_get(address + name) for name in dict.fromkeys(named))])


def _get(address: str) -> bytes:
    for _attempt in range(600):
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _installed(name: str) -> bool:
    """Whether a program is there, after bringing it from the system's packages where that is possible."""
    if shutil.which(name) is None and shutil.which("apt-get") and os.geteuid() == 0:
        package = {"nginx": "nginx-light"}.get(name, name)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], capture_output=True, check=False
        )
    return shutil.which(name) is not None
