"""Checks of what the log tells: statements in the order that is laid down, and the rules that they name."""

from __future__ import annotations

from simsa.record.leaves import LeafError
from simsa.record.order import OrderError, check_order
from simsa.record.statements import StatementError
from simsa.record.verification.findings import Findings, fail
from simsa.rules import RulesError, from_canonical


def check_statements(found: Findings) -> None:
    """Leaves and statements are well formed, and come in their order."""
    try:
        story = found.story
    except (LeafError, StatementError) as error:
        fail(str(error))
    used = {one.sha256 for _, one in story.statements}
    for path in found.files:
        if path.startswith("statements/") and path[len("statements/") : -len(".json")] not in used:
            fail(f"{path} is not in the log")
    try:
        check_order(story)
    except OrderError as error:
        fail(str(error))
    if story.last("forgotten") is not None and (found.full or "sheets.json" in found.files):
        fail("the openings were forgotten, and yet there are some")


def check_rules(found: Findings) -> None:
    """The rules are those that the log names, and every sheet has the fields that they ask for."""
    for path, data in found.files.items():
        if not path.startswith("rules/"):
            continue
        try:
            rules = from_canonical(data)
        except RulesError as error:
            fail(f"{path}: {error}")
        name = path[len("rules/") : -len(".json")]
        if rules.hash != name:
            fail(f"{path}: these rules have the hash {rules.hash}")
        if rules.id != found.round:
            fail(f"{path}: these are the rules of {rules.id!r}")
        found.rules = {**found.rules, name: rules}
    in_force, begins = "", []
    for index, one in found.story.statements:
        if one.kind in ("freeze", "amendment"):
            if one.kind == "amendment" and one.content["previous"] != in_force:
                fail(f"leaf {index}: the rules {one.content['previous']} were not in force when they were amended")
            in_force = one.content["rules_hash"]
            if in_force not in found.rules:
                fail(f"leaf {index}: the rules {in_force} are not there")
            begins.append((index, in_force))
        elif one.kind == "result" and one.content["rules_hash"] != in_force:
            fail(f"leaf {index}: the result is by the rules {one.content['rules_hash']}; in force are {in_force}")
    for name in found.rules.keys() - {name for _, name in begins}:
        fail(f"rules/{name}.json were never in force")
    _check_fields(found, begins)


def _check_fields(found: Findings, begins: list[tuple[int, str]]) -> None:
    fields = [
        (index, {"slot", "version"} | {f"mark/{leaf.id}" for leaf in found.rules[name].leaves})
        for index, name in begins
    ]
    for index, leaf in found.story.sheets:
        while len(fields) > 1 and fields[1][0] < index:
            fields.pop(0)
        if leaf.fields is None or leaf.fields.keys() != fields[0][1]:
            fail(f"leaf {index}: the sheet has other fields than the rules ask for")
    for index, leaf in found.story.events:
        if leaf.fields is None or leaf.fields.keys() != {"event"}:
            fail(f"leaf {index}: the event has other fields than an event has")
