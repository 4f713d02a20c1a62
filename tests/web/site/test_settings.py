"""Settings: every one documented, bad values refused, the data folder private, the database careful."""

from __future__ import annotations

import re
import runpy
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from simsa.web.site import settings as module

SOURCE = Path(module.__file__)


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Read the settings anew, with an environment of the test's own."""

    def read(**environment):
        for name in documented():
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SIMSA_HOME", str(tmp_path / "home"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SOURCE))

    return read


def documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", module.__doc__, re.MULTILINE))


def test_every_setting_is_documented_and_read():
    code = SOURCE.read_text(encoding="utf-8").replace(module.__doc__, "")
    assert set(re.findall(r'"(SIMSA_[A-Z_]+|DATABASE_URL)"', code)) == documented()


def test_home_and_key_are_private_and_kept(load, tmp_path):
    first = load()
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "home/secret-key").stat().st_mode) == 0o600
    assert len(first["SECRET_KEY"]) >= 50
    assert load()["SECRET_KEY"] == first["SECRET_KEY"]


def test_damaged_key_is_not_used(load, tmp_path):
    load()
    (tmp_path / "home/secret-key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match="delete it"):
        load()


def test_plain_http_is_for_this_machine_and_https_is_strict(load):
    local = load()
    assert (local["SESSION_COOKIE_SECURE"], local["SECURE_HSTS_SECONDS"], local["SECURE_SSL_REDIRECT"]) == (
        False,
        0,
        False,
    )
    public = load(SIMSA_URL="https://award.example.kr/", SIMSA_PROXY="1")
    assert (public["SESSION_COOKIE_SECURE"], public["CSRF_COOKIE_SECURE"], public["SECURE_SSL_REDIRECT"]) == (True,) * 3
    assert public["SECURE_HSTS_SECONDS"] == 31_536_000
    assert public["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert public["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]", "award.example.kr"]
    assert public["CSRF_TRUSTED_ORIGINS"] == ["https://award.example.kr"]


@pytest.mark.parametrize(
    "environment",
    [
        {"SIMSA_DEBUG": "maybe"},
        {"SIMSA_STATIC": "somewhere"},
        {"SIMSA_URL": "award.example.kr"},
        {"SIMSA_SMTP": "mail.example.kr"},
        {"SIMSA_THREADS": "many"},
        {"SIMSA_THREADS": "0"},
        {"SIMSA_WEATHER": "sunny"},
        {"SIMSA_KMA_HUB": "apihub.kma.go.kr"},
        {"SIMSA_CLAMAV": "localhost:3310"},
        {"SIMSA_KMA_MAP": "ftp://www.kma.go.kr/"},
    ],
    ids=lambda environment: "-".join(environment),
)
def test_bad_values_are_named(load, environment):
    (name,) = environment
    with pytest.raises(ImproperlyConfigured, match=name):
        load(**environment)


def test_debug_is_off_unless_asked_for(load):
    assert load()["DEBUG"] is False
    assert load(SIMSA_DEBUG="1")["DEBUG"] is True


def test_databases(load, tmp_path):
    assert load()["DATABASES"]["default"]["NAME"] == tmp_path / "home/simsa.sqlite3"
    there = load(DATABASE_URL="postgres://simsa:secret@db.example.kr/simsa")["DATABASES"]["default"]
    assert (there["ENGINE"], there["HOST"], there["NAME"]) == (
        "django.db.backends.postgresql",
        "db.example.kr",
        "simsa",
    )
    file = load(DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3")["DATABASES"]["default"]
    assert (file["NAME"], file["OPTIONS"]["transaction_mode"]) == (tmp_path / "other.sqlite3", "IMMEDIATE")


def test_weather_is_off_unless_there_is_a_key_or_a_wish(load):
    assert [load()[name] for name in ("WEATHER", "KMA_KEY")] == ["off", ""]
    assert load()["KMA_HUB"].startswith("https://")
    assert load(SIMSA_KMA_KEY="abc")["WEATHER"] == "live"
    assert load(SIMSA_KMA_KEY="abc", SIMSA_WEATHER="off")["WEATHER"] == "off"
    assert load(SIMSA_WEATHER="live")["WEATHER"] == "live"
    assert load(SIMSA_WEATHER="recorded")["WEATHER"] == "recorded"


def test_mail(load):
    assert load()["EMAIL_BACKEND"].endswith("console.EmailBackend")
    sent = load(SIMSA_SMTP="smtps://award%40example.kr:pa%3Ass@mail.example.kr", SIMSA_MAIL_FROM="award@example.kr")
    assert (sent["EMAIL_HOST"], sent["EMAIL_PORT"], sent["EMAIL_USE_SSL"]) == ("mail.example.kr", 465, True)
    assert (sent["EMAIL_HOST_USER"], sent["EMAIL_HOST_PASSWORD"]) == ("award@example.kr", "pa:ss")
    assert sent["DEFAULT_FROM_EMAIL"] == "award@example.kr"


@pytest.mark.django_db
def test_sqlite_waits_for_the_disk():
    if connection.vendor != "sqlite":
        pytest.skip("this run is on another database")
    with connection.cursor() as cursor:
        values = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert values == {"journal_mode": "wal", "synchronous": 2}
    assert connection.transaction_mode == "IMMEDIATE"


def test_whoever_signs_in_stays_so_longer_than_any_page_is_read():
    assert module.SESSION_COOKIE_AGE > 20 * 60 * 60  # WCAG 2.2.1 asks for a warning below that
