"""What the settings read from environment variables and from files beside the data: checked, or ImproperlyConfigured.

The variables are listed in `simsa.web.site.settings`.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from simsa.record.policy import Policy, PolicyError
from simsa.web.entries.evidence.scan import check_address


def flag(name: str) -> bool:
    """Whether a variable is set to 1 or the like."""
    value = os.environ.get(name, "0").strip().lower()
    if value not in {"", "0", "1", "false", "true", "no", "yes"}:
        raise ImproperlyConfigured(f"{name}={value!r} is neither 1 nor 0")
    return value in {"1", "true", "yes"}


def one_of(name: str, *allowed: str) -> str:
    """A word among those allowed; the first where the variable is not set."""
    value = os.environ.get(name) or allowed[0]
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of: {', '.join(allowed)}")
    return value


def count(name: str, default: int) -> int:
    """A whole number of 1 or more."""
    value = os.environ.get(name) or str(default)
    if not value.isdecimal() or int(value) < 1:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of 1 or more")
    return int(value)


def feed(name: str, address: str) -> str:
    """An address to ask; `address` where the variable is not set."""
    value = os.environ.get(name) or address
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
        raise ImproperlyConfigured(f"{name}={value!r} is not an address such as {address}")
    return value


def scanner(address: str) -> str:
    """The address of a virus scanner."""
    try:
        if address:
            check_address(address)
    except ValueError as error:
        raise ImproperlyConfigured(f"SIMSA_CLAMAV: {error}") from error
    return address


def policy(file: str) -> Policy | None:
    """The policy of witnesses in a file."""
    try:
        return Policy.parse(Path(file).read_bytes()) if file else None
    except (OSError, PolicyError) as error:
        raise ImproperlyConfigured(f"SIMSA_WITNESSES={file!r} is no policy of witnesses: {error}") from error


def origin(name: str) -> str:
    """Scheme and host, or nothing."""
    value = os.environ.get(name, "").rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query):
        raise ImproperlyConfigured(f"{name}={value!r} is not an address such as https://files.example.kr")
    return value


def evidence_store(address: str, folder: Path) -> dict[str, Any]:
    """A private folder, or the S3-compatible store at an address."""
    if not address:
        backend = "simsa.web.entries.files.storage.PrivateFolder"
        return {"BACKEND": backend, "OPTIONS": {"location": private_folder(folder), "base_url": None}}
    parts = urlsplit(address)
    bucket = parts.path.strip("/")
    if parts.scheme not in {"http", "https"} or not (parts.hostname and parts.username and parts.password and bucket):
        raise ImproperlyConfigured("SIMSA_S3 must look like https://KEY:SECRET@HOST/BUCKET?region=NAME")
    return {
        "BACKEND": "simsa.web.entries.files.s3.PrivateBucket",
        "OPTIONS": {
            "endpoint_url": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            "access_key": unquote(parts.username),
            "secret_key": unquote(parts.password),
            "bucket_name": bucket,
            "region_name": parse_qs(parts.query).get("region", ["us-east-1"])[0],
        },
    }


def private_folder(path: Path) -> Path:
    """A folder for its owner alone, made where it is missing."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def secret_key(file: Path) -> str:
    """The key of this installation; two processes that start together agree on one."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = file.read_text(encoding="ascii").strip()
        if len(key) < 50:
            raise ImproperlyConfigured(
                f"{file} holds no key of 50 characters or more; delete it to have a new one made"
            ) from None
        return key
    key = secrets.token_urlsafe(64)
    with os.fdopen(handle, "w", encoding="ascii") as new:
        new.write(key + "\n")
    return key


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
        # A file and not memory: tests meet the same locks as the site does.
        "TEST": {"NAME": file.with_name(f"test-{file.name}")},
    }


def database(address: str, home: Path) -> dict[str, Any]:
    """SQLite in the data folder, or the database at an address."""
    if not address:
        return _sqlite(home / "simsa.sqlite3")
    parsed = dict(dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True))
    if parsed["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite(Path(parsed["NAME"]))
    # Of what `simsa.web.prepared` asks, and nothing else; a pooler in between must know of it.
    parsed.setdefault("OPTIONS", {}).setdefault("prepare_threshold", 0)
    return parsed


def smtp(address: str) -> dict[str, Any]:
    """Settings of a mail server."""
    parts = urlsplit(address)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("SIMSA_SMTP must look like smtp://USER:PASSWORD@HOST:587")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_TIMEOUT": 20,
    }


def openid(address: str, name: str) -> list[dict[str, Any]]:
    """The provider at an address, as allauth wants it; called by its host where it has no name."""
    if not address:
        return []
    parts = urlsplit(address)
    # A provider on this very machine is one of tests.
    allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")
    if not (allowed and parts.hostname and parts.username and parts.password):
        raise ImproperlyConfigured("SIMSA_OIDC must look like https://CLIENT:SECRET@HOST/PATH")
    host = parts.netloc.rpartition("@")[2]
    return [
        {
            "provider_id": "oidc",
            "name": name or parts.hostname,
            "client_id": unquote(parts.username),
            "secret": unquote(parts.password),
            "settings": {"server_url": f"{parts.scheme}://{host}{parts.path}"},
        }
    ]
