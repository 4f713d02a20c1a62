"""The rounds that come with simsa, and how to get the data of others that they are computed from.

Data of others is never part of simsa: an example holds rules, mapping and the data's address, and this brings the
files, each checked against its recorded SHA-256.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from importlib import resources
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from simsa.rules import RulesError

from .files import replace_file
from .intake import RoundError
from .lookup import VARIABLE, Lookup, data_folder, sha256_of
from .mapping import Data, DataFile
from .mapping_file import MAPPING, load_mapping
from .rows import Progress

TIMEOUT = 30  # seconds without a byte
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_CHUNK = 1 << 16
_MOST = 1 << 30  # bytes, where the mapping does not say how many there are


class ExampleError(ValueError):
    """An example or its data that cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Example:
    """A round folder that comes with simsa; `ready` if its data is there."""

    name: str
    folder: Path
    title: str
    ready: bool


@dataclass(frozen=True)
class FetchedFile:
    """A file of an example's data: where it is now, its SHA-256, and where it came from.

    `as_recorded`: whether the checksum is the one the example records. `source`: an address, a folder, or `there`.
    """

    path: Path
    sha256: str
    size: int
    as_recorded: bool
    source: str


def examples_home() -> Path:
    """The folder of the examples: inside the package, or in the checkout. ExampleError if there is none."""
    package = Path(str(resources.files("simsa")))
    for home in (package / "examples", package.parents[1] / "examples"):
        if home.is_dir():
            return home
    raise ExampleError("this installation of simsa has no examples; clone the repository to get them")


def list_examples() -> list[Example]:
    """Every example, by name; of an installed simsa the copy in ./examples, if `get_example` made one."""
    folders = [folder for folder in sorted(examples_home().iterdir()) if (folder / MAPPING).is_file()]
    if _is_installed():
        copies = [_copy_of(folder.name) for folder in folders]
        folders = [copy if (copy / MAPPING).is_file() else own for copy, own in zip(copies, folders, strict=True)]
    return [_example(folder) for folder in folders]


def get_example(name: str, target: str | Path | None = None, progress: Progress | None = None) -> list[FetchedFile]:
    """Bring the data of an example into `target`/data, as `fetch` does.

    `target` is by default the example's own folder, and for an installed simsa ./examples/NAME. In another folder than
    its own the example itself is copied too, without overwriting anything. ExampleError if there is no such example.
    """
    folder = _folder(name)
    found = load_mapping(folder)
    own = _copy_of(name) if _is_installed() else folder
    home = Path(target) if target is not None else own
    if home.resolve() != folder.resolve():
        try:
            _copy_example(folder, home)
        except OSError as error:
            raise _unwritable(home, error) from None
    return fetch(found.data, home / "data", progress)


def fetch(data: Data, folder: str | Path, progress: Progress | None = None) -> list[FetchedFile]:
    """Bring the declared files of a round into `folder`.

    They come from the round's folder in SIMSA_DATA if it has them (whatever their checksum: that folder was named by
    whoever runs this), otherwise from the recorded address. What is there already and right stays. ExampleError if a
    file cannot be had or is not the recorded one: then no part of it is left behind.
    """
    shared = data_folder(data)
    try:
        return [_bring(file, Path(folder) / file.name, shared, progress) for file in data.files]
    except OSError as error:
        raise _unwritable(Path(folder), error) from None


def _unwritable(folder: Path, error: OSError) -> ExampleError:
    hint = "is the disk full?" if error.errno == errno.ENOSPC else "name another folder"
    return ExampleError(f"{error.filename or folder}: {error.strerror or error} ({hint})")


def _is_installed() -> bool:
    """Whether the examples lie inside the package, where nothing of others should be written."""
    return examples_home().parent == Path(str(resources.files("simsa")))


def _copy_of(name: str) -> Path:
    return Path("examples") / name


def _folder(name: str) -> Path:
    known = {example.name: example.folder for example in list_examples()}
    if name not in known:
        raise ExampleError(f"there is no example {name!r} (there are {', '.join(known)})")
    return known[name]


def _example(folder: Path) -> Example:
    try:
        found = load_mapping(folder)
        for file in found.data.files:
            Lookup(folder, found.data).find(file.name)
    except RoundError:
        return Example(folder.name, folder, found.rules.name.text("en"), ready=False)
    except (RulesError, OSError) as error:
        return Example(folder.name, folder, str(error).splitlines()[0], ready=False)
    return Example(folder.name, folder, found.rules.name.text("en"), ready=True)


def _copy_example(folder: Path, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        if path.is_file() and not (home / path.name).exists():
            shutil.copyfile(path, home / path.name)


def _bring(file: DataFile, path: Path, shared: Path | None, progress: Progress | None) -> FetchedFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    here = sha256_of(path) if path.is_file() else None
    if shared is not None and (shared / file.name).is_file():
        wanted = sha256_of(shared / file.name)
        if here != wanted:
            _copy(shared / file.name, path)
        return FetchedFile(path, wanted, path.stat().st_size, file.sha256 in (None, wanted), str(shared))
    if here is not None and file.sha256 in (None, here):
        return FetchedFile(path, here, path.stat().st_size, True, "there")
    if file.url is None:
        raise ExampleError(f"{file.name}: no address is recorded; set {VARIABLE} to a folder that has it")
    digest = _download(file, file.url, path, progress)
    return FetchedFile(path, digest, path.stat().st_size, True, file.url)


def _copy(source: Path, path: Path) -> None:
    with source.open("rb") as content:
        replace_file(path, lambda target: shutil.copyfileobj(content, target))


def _download(file: DataFile, url: str, path: Path, progress: Progress | None) -> str:
    if not _is_safe(url):
        raise ExampleError(f"{file.name}: {url} is not https")
    digest = hashlib.sha256()

    def receive(target: IO[bytes]) -> None:
        size = 0
        for chunk in _chunks(url):
            size += len(chunk)
            if size > (file.size if file.size is not None else _MOST):
                raise ExampleError(f"{url}: is longer than the {file.size or _MOST} bytes that are recorded")
            digest.update(chunk)
            target.write(chunk)
            if progress:
                progress(file.name, size, file.size or size)
        if file.size is not None and size < file.size:
            raise ExampleError(f"{url}: broke off after {size} of {file.size} bytes; try again")
        if file.sha256 is not None and digest.hexdigest() != file.sha256:
            what = f"SHA-256 is {digest.hexdigest()}, recorded is {file.sha256}"
            raise ExampleError(f"{url}: is not the recorded file ({what}); nothing was kept")

    replace_file(path, receive)
    return digest.hexdigest()


def _is_safe(url: str) -> bool:
    """Whether nobody on the way can change what comes from there."""
    try:
        address = urlsplit(url)
        return address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)
    except ValueError:  # brackets that are none of an address
        return False


class _OnlySafe(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never to something that anyone on the way can change."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not _is_safe(newurl):
            raise ExampleError(f"{req.full_url} leads to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _chunks(url: str) -> Iterator[bytes]:
    request = urllib.request.Request(url, headers={"User-Agent": "simsa"})  # noqa: S310 (checked above)
    try:
        with urllib.request.build_opener(_OnlySafe).open(request, timeout=TIMEOUT) as answer:
            while chunk := answer.read(_CHUNK):
                yield chunk
            if answer.length:
                raise ExampleError(f"{url}: broke off {answer.length} bytes before its end; try again")
    except urllib.error.HTTPError as error:
        error.close()
        raise ExampleError(f"{url}: the server answers {error.code} {error.reason}") from None
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        hint = f"check the connection, or set {VARIABLE} to a folder that has the file"
        raise ExampleError(f"{url}: cannot be reached: {reason or type(error).__name__} ({hint})") from None
