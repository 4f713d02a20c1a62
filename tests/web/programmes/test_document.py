"""A rules file is changed value by value: the text says exactly what was asked, and everything else stays."""

from __future__ import annotations

import copy
import tomllib
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.web.programmes.drafting.document import ABSENT, Document, EditError
from simsa.web.programmes.drafting.places import Path, find_places
from tests.draws import draws
from tests.rules.complete import EVERYTHING_BUT_LOTS
from tests.rules.drawn import rules_texts

ODD = """\
# first of all
"quoted key" = 'literal "quoted"'
a.b.c = 1  # dotted
a . "b" . d = [ 1, 2, # in a list
  { x = "}", y = '''
]''' }, ]  # end
text = \"\"\"
# no comment
[no.header]
"\"\"\"\"
empty = {}
deep = { one = { two = [ { three = 3 } ] }, four.five = 6 }
moment = 2024-01-01 10:00:00
[[t]]
[t.sub] # of the first
n = 1
[[t.more]]
n = 2
[[t]]
sub.n = 3
[after]
last = true"""
VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(-(10**6), 10**6),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000),
    st.booleans(),
    st.datetimes(min_value=datetime(1, 1, 1), allow_imaginary=False).map(lambda at: at.replace(microsecond=0)),
    st.lists(st.sampled_from(["city", "군"]), max_size=2),
    st.dictionaries(st.sampled_from(["min", "max", "a b"]), st.integers(0, 9), max_size=2),
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """Rules as people keep them: with comments, blank lines and indents."""
    text = draw(st.one_of(rules_texts(), st.sampled_from([EVERYTHING_BUT_LOTS, ODD])))
    if text == ODD:
        return text
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        match draw(st.integers(0, 7)):
            case 0:
                lines += [f"# above {number}", line]
            case 1 if line.strip():
                lines.append(f"{line}  # beside {number}")
            case 2:
                lines += ["", line]
            case 3 if line.strip():
                lines.append(f"  {line}")
            case 4:
                lines += [f"# over a gap {number}", "", line]
            case _:
                lines.append(line)
    return "\n".join(lines)


def read(text: str) -> dict[str, Any]:
    return tomllib.loads(text, parse_float=Decimal)


def paths(data: Any, at: Path = ()) -> list[Path]:
    """Every key of every table."""
    if isinstance(data, dict):
        return [path for key, item in data.items() for path in [(*at, key), *paths(item, (*at, key))]]
    if isinstance(data, list):
        return [path for number, item in enumerate(data) for path in paths(item, (*at, number))]
    return []


def parent(data: Any, path: Path) -> Any:
    for key in path[:-1]:
        data = data[key]
    return data


def is_written(document: Document, path: Path) -> bool:
    return path in document.places.by_path or path in document.places.by_header


def is_subsequence(lines: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(line in rest for line in lines)


@settings(max_examples=draws(60), deadline=None)
@given(written())
def test_every_place_holds_the_value_that_stands_there(text: str) -> None:
    document = Document(text)
    for entry in find_places(text).entries:
        value = document.value(entry.path)
        assert read(f"it = {text[entry.value : entry.end]}") == {"it": value}
    leaves = {path for path in paths(document.data) if not isinstance(document.value(path), dict | list)}
    assert leaves <= set(find_places(text).by_path)


@settings(max_examples=draws(150), deadline=None)
@given(st.data(), written())
def test_edits_of_values_are_edits_of_the_data_and_touch_no_other_line(data: st.DataObject, text: str) -> None:
    document, wanted = Document(text), read(text)
    for _step in range(data.draw(st.integers(1, 5))):
        before = document
        single = [path for path in paths(wanted) if path in before.places.by_path]
        path = data.draw(st.sampled_from(single))
        if data.draw(st.booleans()):
            path = (*path[:-1], data.draw(st.sampled_from(["new", "with space", "min"])))
        drop = data.draw(st.integers(0, 3)) == 0
        there = before.value(path) is not ABSENT
        if drop:
            parent(wanted, path).pop(path[-1], None)
            around = path[:-1]
            while there and around and not parent(wanted, (*around, "")) and not is_written(before, around):
                parent(wanted, around).pop(around[-1])  # only dots had made it
                around = around[:-1]
            document = before.drop(path)
        else:
            value = data.draw(VALUES)
            parent(wanted, path)[path[-1]] = copy.deepcopy(value)
            document = before.put(path, value)
        assert read(document.text) == wanted
        lines, now = before.text.split("\n"), document.text.split("\n")
        around = path
        while around and around not in before.places.by_path:
            around = around[:-1]
        if around:
            entry = before.places.by_path[around]
            del lines[before.text.count("\n", 0, entry.key) : before.text.count("\n", 0, entry.end) + 1]
        assert is_subsequence(lines, now)


@settings(max_examples=draws(150), deadline=None)
@given(st.data(), written())
def test_tables_come_go_and_move_with_the_comments_above_them(data: st.DataObject, text: str) -> None:
    document, wanted = Document(text), read(text)
    for _step in range(data.draw(st.integers(1, 4))):
        kinds = [
            (key,)
            for key, item in wanted.items()
            if isinstance(item, list) and item and (key, 0) in document.places.by_header
        ]
        path = data.draw(st.sampled_from([*kinds, ("fresh",)]))
        tables = wanted.setdefault(path[0], [])
        count = len(tables)
        before = sorted(line for line in document.text.split("\n") if line.strip())
        match data.draw(st.sampled_from(["insert", "remove", "move"])) if count else "insert":
            case "insert":
                at, table = data.draw(st.integers(0, count)), {"id": "새", "size": 3}
                tables.insert(at, dict(table))
                document = document.insert(path, at, table)
                added = [f"[[{path[0]}]]", 'id = "새"', "size = 3"]
                assert sorted(line for line in document.text.split("\n") if line.strip()) == sorted([*before, *added])
            case "remove":
                at = data.draw(st.integers(0, count - 1))
                del tables[at]
                whole = document.text
                document = document.remove(path, at)
                start = next((n for n, (a, b) in enumerate(zip(whole, document.text, strict=False)) if a != b), None)
                kept = len(document.text) if start is None else start
                assert whole.endswith(document.text[kept:]) or whole.startswith(document.text)
            case "move":
                at, to = (data.draw(st.integers(0, count - 1)) for _ in range(2))
                tables.insert(to, tables.pop(at))
                document = document.move(path, at, to)
                assert sorted(line for line in document.text.split("\n") if line.strip()) == before
        if not tables:
            del wanted[path[0]]
        assert read(document.text) == wanted


@settings(max_examples=draws(60), deadline=None)
@given(written())
def test_putting_what_stands_there_changes_no_byte(text: str) -> None:
    document = Document(text)
    for path in paths(document.data):
        assert document.put(path, document.value(path)).text == text


def test_a_comment_stays_with_the_table_below_it() -> None:
    text = "# one\n[[t]]\nn = 1\n\n# two\n[[t]]\nn = 2\n# last words\n"
    assert Document(text).remove(("t",), 0).text == "# two\n[[t]]\nn = 2\n# last words\n"
    moved = "# two\n[[t]]\nn = 2\n\n# one\n[[t]]\nn = 1\n\n# last words\n"
    assert Document(text).move(("t",), 0, 1).text == moved


def test_a_value_keeps_its_quotation_marks_and_the_comment_beside_it() -> None:
    assert Document("a = 'x'   # why\n").put(("a",), "y").text == "a = 'y'   # why\n"
    assert Document("a = 'x'\n").put(("a",), "it's").text == 'a = "it\'s"\n'


def test_tables_that_are_not_there_are_made_where_they_belong() -> None:
    text = "[[criterion]]\nid = 'total'\n"
    document = Document(text).put(("criterion", 0, "scale", "min"), 0).put(("criterion", 0, "scale", "max"), 5)
    assert document.text == text + "scale = { min = 0, max = 5 }\n"
    document = Document("[[panel.kind]]\nid = 'k'").put(("panel", "size"), 3)
    assert document.text == "[panel]\nsize = 3\n\n[[panel.kind]]\nid = 'k'"


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        (f"a = {'[' * 60}{']' * 60}\n", lambda document: document.put(("b",), 1)),
        (f"a = {'[' * 5000}{']' * 5000}\n", lambda document: document.put(("b",), 1)),
        ("a = ", lambda document: document.put(("a",), 1)),
        ("t = [{ a = 1 }]\n", lambda document: document.insert(("t",), 0, {"a": 2})),
        ("t = [{ a = 1 }]\n", lambda document: document.remove(("t",), 0)),
        ("[[t]]\n[t.u]\n[v]\n[t.w]\n", lambda document: document.remove(("t",), 0)),
        ("[[t]]\na = 1\n", lambda document: document.move(("t",), 0, 1)),
        ("[[t]]\na = 1\n", lambda document: document.put(("t", 3, "a"), 1)),
        ("[t.u]\na = 1\n", lambda document: document.drop(("t",))),
        ("a = 1\n", lambda document: document.put(("a", "b"), 1)),
    ],
)
def test_what_the_text_alone_can_change_is_refused(text: str, edit: Any) -> None:
    with pytest.raises(EditError):
        edit(Document(text))
