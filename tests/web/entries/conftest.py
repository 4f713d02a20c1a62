"""A small round in which entrants bring evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from simsa.web.accounts.models import User
from simsa.web.entries.evidence import Examined, Page
from simsa.web.entries.files import keeping
from simsa.web.entries.models import Entry
from simsa.web.entries.services import EntryRow, import_entries
from simsa.web.programmes.models import Round
from simsa.web.programmes.services import open_round
from tests.rules.small import SMALL
from tests.web.people import with_role


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    """Files of each test lie in folders of its own."""
    settings.UPLOADS = tmp_path / "uploads"
    settings.UPLOADS.mkdir(mode=0o700)
    (tmp_path / "evidence").mkdir(mode=0o700)
    kept = settings.STORAGES["evidence"]
    options = {**kept["OPTIONS"], "location": tmp_path / "evidence"}
    settings.STORAGES = {**settings.STORAGES, "evidence": {**kept, "OPTIONS": options}}


@pytest.fixture
def round_(db) -> Round:
    """Two entries: of `r1` in group a, and of `r2` in group b."""
    opened = open_round(SMALL)
    import_entries(opened, [EntryRow("r1", "a", "하나"), EntryRow("r2", "b", "둘")])
    return opened


@pytest.fixture
def entry(round_) -> Entry:
    return round_.entries.select_related("entrant", "round__log", "round__programme").get(entrant__code="r1")


@pytest.fixture
def owner(round_) -> User:
    """An officer of `r1`."""
    return with_role("one", round_, "entrant", "r1").person


@pytest.fixture
def examined(monkeypatch):
    """What examining a file finds from now on: `examined(faults=..., ...)`."""

    def find(faults=(), pages=0, cleaned=b"", error=None):
        def examine(path: Path, name: str, folder: Path, **_asked) -> Examined:
            if error:
                raise error
            assert path.read_bytes()
            shown = [folder / f"{n}.webp" for n in range(pages)]
            for n, picture in enumerate(shown):
                picture.write_bytes(b"RIFF%d" % n)
            copy = folder / "copy"
            copy.write_bytes(cleaned)
            drawn = tuple(Page(picture, 10, 20, "") for picture in shown)
            return Examined("pdf", tuple(faults), (), (), drawn, "text\0", copy if cleaned else None)

        monkeypatch.setattr(keeping, "examine", examine)

    find()
    return find
