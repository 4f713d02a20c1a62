"""The API: the same verbs and permissions as pages, ETags, problems, and its own description, which it keeps to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from simsa.web.entries.files.uploads import add_file
from simsa.web.entries.models import Evidence, Import
from simsa.web.panel.services import assign_as_given
from simsa.web.programmes.models import Round, Stage
from simsa.web.programmes.services import advance, check_events
from tests.draws import draws
from tests.web.api.program import Program
from tests.web.entries.test_importing import everything
from tests.web.panel.rounds import ENTRIES, prepared
from tests.web.people import account

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROUND = "/api/v1/rounds/small"


@pytest.fixture
def round_(db: None) -> Round:
    return prepared()


@pytest.fixture
def officer(round_) -> Program:
    return Program(round_, "officer")


NEW = {"code": "c1", "group": "a", "name_ko": "새 기관", "latitude": "37.5", "longitude": "127"}


def test_what_is_read_can_be_sent_back(round_, officer):
    answer = officer.get("/entries")
    listed = answer.json()
    assert (listed["count"], listed["next"], len(listed["items"])) == (6, None, 6)
    sent = officer.post("/entries", {"rows": listed["items"], "update": True}, If_Match=answer.headers["ETag"])
    assert sent.status_code == 201
    assert (sent.json()["unchanged"], sent.json()["added"]) == (6, [])
    panel = officer.get("/reviewers")
    sent = officer.post("/reviewers", {"rows": panel.json()["items"], "update": True}, If_Match=panel.headers["ETag"])
    assert sent.json()["unchanged"] == 3


def test_import_is_tried_done_and_undone(round_, officer):
    before = everything(round_)
    etag = officer.get("/entries").headers["ETag"]
    row = {**NEW, "fields": {"school": "x"}, "reported": [{"field": "days", "number": "1/3"}]}
    tried = officer.post("/entries", {"rows": [row], "dry_run": True}, If_Match=etag)
    assert (tried.status_code, tried.json()["import_id"]) == (200, None)
    assert everything(round_) == before
    done = officer.post("/entries", {"rows": [row]}, If_Match=etag)
    assert done.json() == {**tried.json(), "import_id": Import.objects.first().pk}
    assert officer.get("/entries/c1").json() == {
        **NEW,
        "name_en": "",
        "region": "",
        "fields": {"school": "x"},
        "reported": [{"criterion": "", "field": "days", "number": "1/3"}],
    }
    assert done.headers["ETag"] == officer.get("/entries").headers["ETag"] != etag
    assert Import.objects.first().actor.startswith("person/")
    undone = officer.post(f"/imports/{done.json()['import_id']}/undo")
    assert undone.status_code == 200
    assert undone.json()["undone_at"]
    assert everything(round_) == before
    again = officer.post(f"/imports/{done.json()['import_id']}/undo")
    assert (again.status_code, again.headers["Content-Type"]) == (422, "application/problem+json")
    assert check_events(round_) == round_.events.count()


def test_change_needs_what_was_read(round_, officer):
    etag = officer.get("/entries").headers["ETag"]
    assert officer.post("/entries", {"rows": [NEW]}).status_code == 428
    assert officer.post("/entries", {"rows": [NEW]}, If_Match='"another"').status_code == 412
    assert officer.post("/entries", {"rows": [NEW]}, If_Match=f'"x", {etag}').status_code == 201
    assert officer.post("/entries", {"rows": [{**NEW, "code": "c2"}]}, If_Match=etag).status_code == 412
    assert officer.get("/entries", **{"If-None-Match": etag}).status_code == 200
    etag = officer.get("/entries").headers["ETag"]
    assert officer.get("/entries", **{"If-None-Match": etag}).status_code == 304


def test_faults_are_told_by_row_and_nothing_is_kept(round_, officer):
    before = everything(round_)
    rows = [NEW, {**NEW, "group": "none"}, {**NEW, "code": "a1"}, {**NEW, "code": "n\0l"}]
    answer = officer.post("/entries", {"rows": rows}, If_Match="*")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [(fault["row"], fault["field"]) for fault in answer.json()["faults"]] == [
        (2, "code"),
        (2, "group"),
        (3, "code"),
        (4, "code"),
    ]
    assert everything(round_) == before


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"rows": [{}]}',
        '{"rows": [], "more": 1}',
        json.dumps({"rows": [{**NEW, "latitude": "north"}]}),
        json.dumps({"rows": [{**NEW, "fields": {"x\0": "y"}}]}),
        json.dumps({"rows": [{**NEW, "name_ko": "\ud800"}]}),
        json.dumps({"rows": [{**NEW, "fields": {"\udc00": "y"}}]}),
        json.dumps({"rows": [{**NEW, "reported": [{"field": "d", "number": "1/0"}]}]}),
        json.dumps({"rows": [{**NEW, "reported": [{"field": "d", "number": "1"}] * 2}]}),
        json.dumps({"rows": [{**NEW, "reported": [{"criterion": "c" * 65, "field": "d", "number": "1"}]}]}),
        "[" * 100_000,
    ],
)
def test_what_is_malformed_is_refused(round_, officer, content):
    answer = officer.post("/entries", content, If_Match="*")
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert round_.entries.count() == 6


def test_what_is_too_large_is_refused(round_, officer):
    answer = officer.post("/entries", " " * (3 * 2**20), If_Match="*")
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


def test_pages(round_, officer):
    found, path = [], "/entries?limit=4"
    while path:
        part = officer.get(path).json()
        found += [one["code"] for one in part["items"]]
        path = part["next"].removeprefix(ROUND) if part["next"] else ""
    assert found == [code for code, _group in ENTRIES]
    assert officer.get("/entries?limit=0").status_code == 422


def test_evidence_is_listed_without_the_files(round_, officer):
    entry = round_.entries.get(entrant__code="a1")
    Evidence.objects.create(entry=entry, name="실적.pdf", size=5, position=1, actor="person/1")
    (found,) = officer.get("/entries/a1/evidence").json()["items"]
    assert (found["name"], found["size"], found["state"]) == ("실적.pdf", 5, "uploading")
    assert officer.get("/entries/none/evidence").status_code == 404


def test_progress(round_, officer):
    assign_as_given(round_, [("a1", "p"), ("a2", "p"), ("a1", "q")])
    found = officer.get("/progress").json()
    assert (found["stage"], found["entries"], found["slots"]) == (
        "scoring",
        6,
        {"assigned": 3, "submitted": 0, "recused": 0},
    )
    assert [(one["code"], one["slots"]["assigned"]) for one in found["by_reviewer"]] == [("p", 2), ("q", 1), ("r", 0)]


READS = ("", "/progress", "/entries", "/entries/a1", "/entries/a1/evidence", "/entries/a2", "/reviewers", "/imports")
ANSWERS: dict[str, tuple[int, ...]] = {
    "officer": (200, 200, 200, 200, 200, 200, 200, 200),
    "auditor": (200, 200, 200, 200, 200, 200, 200, 200),
    "observer": (200, 200, 403, 404, 404, 404, 403, 403),
    "entrant a1": (200, 403, 200, 200, 200, 404, 403, 403),
    "reviewer p": (200, 403, 403, 404, 404, 404, 403, 403),
    "voter": (200, 403, 403, 404, 404, 404, 403, 403),
    "editor": (200, 403, 403, 404, 404, 404, 403, 403),
}


@pytest.mark.parametrize("who", ANSWERS)
def test_who_reads_what(round_, who):
    program = Program(round_, *who.split())
    assert tuple(program.get(path).status_code for path in READS) == ANSWERS[who]
    if who.startswith("entrant"):
        assert [one["code"] for one in program.get("/entries").json()["items"]] == ["a1"]


@pytest.mark.parametrize("who", [*ANSWERS, "officer who only reads"])
def test_officers_alone_change(round_, who):
    program = Program(round_, *who.split()[:2]) if " who " not in who else Program(round_, "officer", writes=False)
    done = Import.objects.first()
    answers = [
        program.post("/entries", {"rows": []}, If_Match="*").status_code,
        program.post("/reviewers", {"rows": []}, If_Match="*").status_code,
        program.post(f"/imports/{done.pk}/undo").status_code,
    ]
    assert answers == ([201, 201, 200] if who == "officer" else [403, 403, 403])


def test_stage_that_does_not_allow_it(round_, officer):
    advance(round_, Stage.SCORING)
    answer = officer.post("/entries", {"rows": []}, If_Match="*")
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")


@pytest.mark.parametrize("path", ["/nothing", "/entries/", "/../../x", "/entries/%00"])
def test_what_is_not_there_is_a_problem_too(round_, officer, path):
    answer = officer.get(path)
    assert answer.status_code in {400, 404}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_cannot_be_done_there_is_a_problem_too(officer):
    answer = officer.delete("/entries/a1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v2/rounds"])
def test_nor_is_anything_above_it(path):
    answer = Client().get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def operations() -> list[str]:
    from simsa.web.api.interface import api

    paths = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]
    return [f"{method} {path}" for path, methods in paths.items() for method in methods]


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests leave the test's transaction open, as those of Django's own client do."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.once
@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("label", operations())
def test_api_keeps_to_its_description(round_, officer, label):
    own = Program(round_, "entrant", "a1")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    method, path = label.split()
    operation = schema[path][method.upper()]

    def run(chosen: Callable[[Any], None]) -> None:
        @settings(max_examples=draws(12), deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def every(case: Any) -> None:
            chosen(case)
            # A row can be refused for what no description says: a group that the rules do not have.
            headers = {**(officer if operation.definition.raw["tags"] != ["desk"] else own).headers, "If-Match": "*"}
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        every()

    def at_home(case: Any) -> None:
        """What is drawn, of things that are there."""
        case.path_parameters |= {"slug": "small"}
        if "code" in case.path_parameters:
            case.path_parameters["code"] = "a1"
        if "pk" in case.path_parameters:
            case.path_parameters["pk"] = str(a_file()) if "evidence" in path else Import.objects.first().pk

    def a_file() -> UUID:
        entry = round_.entries.get(entrant__code="a1")
        there = entry.evidence.filter(removed_at=None).first()
        return there.pk if there else add_file(entry, account("sender"), SimpleUploadedFile("a.txt", b"1")).pk

    if "{slug}" in path:
        run(at_home)
    run(lambda _case: None)
    assert check_events(round_) == round_.events.count()
