"""A rules file is changed value by value: the text says exactly what was asked, and everything else stays."""

from __future__ import annotations

import contextlib
import copy
import re
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
        written_at = before.places.by_path.get(path)
        if not drop and written_at and before.places.has_comment(written_at.value, written_at.end):
            with contextlib.suppress(EditError):  # or else it says this already
                assert before.put(path, data.draw(VALUES)).text == before.text
            continue
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


@st.composite
def listed(draw: st.DrawFn) -> tuple[str, bool]:
    """A list of tables within brackets in one of the ways in which people write it; whether comments stand apart."""
    rows = [f"{{ n = {number} }}" for number in range(draw(st.integers(1, 4)))]
    style = draw(st.sampled_from(["line", "tight", "lines", "commented", "scattered"]))
    match style:
        case "line" | "tight":
            inside = (", " if style == "line" else ",").join(rows)
            if draw(st.booleans()):
                inside = f" {inside}, "
        case "lines":
            inside = "\n" + "".join(f"    {row},\n" for row in rows)
        case "commented":
            lines = []
            for number, row in enumerate(rows):
                if draw(st.booleans()):
                    lines.append(f"  # above {number}")
                comma = "," if number < len(rows) - 1 or draw(st.booleans()) else ""
                lines.append(f"  {row}{comma}  # beside {number}")
                if draw(st.integers(0, 3)) == 0:
                    lines.append("")
            inside = "\n" + "\n".join(lines) + "\n"
        case _:
            inside = " # first\n" + ", ".join(rows) + "\n"
    table = draw(st.sampled_from(["t", "a.t", "[a]\nt", "[[b]]\nid = 1\n[[b]]\nt"]))
    return f"x = 0\n{table} = [{inside}] # after\n\n# end\n", style == "scattered" and len(rows) > 1


def comments(text: str) -> list[str]:
    places = find_places(text)
    return sorted(text[at : places.line_end(at)].strip() for at in places.comments)


@settings(max_examples=draws(150), deadline=None)
@given(st.data(), listed())
def test_items_within_brackets_come_go_and_move_with_their_comments(
    data: st.DataObject, drawn: tuple[str, bool]
) -> None:
    text, scattered = drawn
    document, wanted = Document(text), read(text)
    path: Path = next(one.path for one in document.places.entries if one.path[-1] == "t")
    rows = parent(wanted, path)["t"]
    for _step in range(data.draw(st.integers(1, 4))):
        before, count = document, len(rows)
        kind = data.draw(st.sampled_from(["insert", "remove", "move"]))
        at, to = (data.draw(st.integers(0, count - (kind != "insert"))) for _ in range(2))
        try:
            match kind:
                case "insert":
                    document = document.insert(path, at, {"n": 7, "m": "새"})
                    rows.insert(at, {"n": 7, "m": "새"})
                case "move":
                    document = document.move(path, at, to)
                    rows.insert(to, rows.pop(at))
                case _ if count > 1:
                    document = document.remove(path, at)
                    del rows[at]
        except EditError:
            assert scattered
            return
        assert not scattered or document == before
        assert read(document.text) == wanted
        gone = [said for said in comments(before.text) if said not in comments(document.text)]
        own = rf"# (above|beside) {parent(before.data, path)['t'][at]['n'] if at < count else ''}"
        assert all(kind == "remove" and re.fullmatch(own, said) for said in gone)
        assert document.text.startswith("x = 0\n")
        assert document.text.endswith("] # after\n\n# end\n")


def test_only_item_goes_with_its_key() -> None:
    assert Document("a = 1\nt = [{ n = 1 }]\n").remove(("t",), 0).text == "a = 1\n"
    assert Document("b = { c = 1, t = [{ n = 1 }] }\n").remove(("b", "t"), 0).text == "b = { c = 1 }\n"


def test_items_keep_the_manner_of_the_list() -> None:
    text = "t = [\n  { n = 1 }, # one\n  { n = 2 }  # two\n]\n"
    moved = "t = [\n  { n = 2 },  # two\n  { n = 1 }, # one\n]\n"
    assert Document(text).move(("t",), 1, 0).text == moved
    added = "t = [\n  { n = 1 }, # one\n  { n = 2 },  # two\n  { n = 3 },\n]\n"
    assert Document(text).insert(("t",), 2, {"n": 3}).text == added
    assert Document("t = [{ n = 1 }]\n").insert(("t",), 1, {"n": 2}).text == "t = [{ n = 1 }, { n = 2 }]\n"
    assert Document("t = []\n").insert(("t",), 0, {"n": 2}).text == "t = [{ n = 2 }]\n"
    assert Document("[[c]]\ni = { m = 1 }\n").insert(("c", 0, "i", "t"), 0, {}).text == (
        "[[c]]\ni = { m = 1, t = [{}] }\n"
    )


def test_keys_are_called_otherwise_where_they_stand() -> None:
    text = "# rates\n[c]\n'a b'  =  1 # won\nd . \"e\" = 2\n"
    assert Document(text).rename(("c", "a b"), "rate").text == text.replace("'a b'", "rate")
    assert Document(text).rename(("c", "d", "e"), "집행률(%)").text == text.replace('"e"', '"집행률(%)"')
    assert Document(text).rename(("c", "a b"), "a b").text == text


def test_tables_under_their_own_header_go_with_the_comment_above() -> None:
    text = "a = 1\n\n# why\n[b]\n# never\nc = 2\n\n[d]\ne = 3\n"
    assert Document(text).drop(("b",)).text == "a = 1\n\n[d]\ne = 3\n"
    text = "[[c]]\nid = 1\n[c.f.by]\ng = 2\n[[c]]\n"
    assert Document(text).put(("c", 0, "f"), 3).text == "[[c]]\nid = 1\nf = 3\n[[c]]\n"


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
        ("t = [{ a = 1 }]\n", lambda document: document.insert(("t",), 2, {"a": 2})),
        ("t = [{ a = 1 }, { a = 2 }]\n", lambda document: document.remove(("t",), 2)),
        ("t = [{ a = 1 }, # one\n{ a = 2 }]\n", lambda document: document.move(("t",), 0, 1)),
        ("t = [\n1, 2, # both\n]\n", lambda document: document.put(("t",), [1])),
        ("a = 1\nb = 2\n", lambda document: document.rename(("a",), "b")),
        ("[a]\n", lambda document: document.rename(("a",), "b")),
        ("[[t]]\n[t.u]\n[v]\n[t.w]\n", lambda document: document.remove(("t",), 0)),
        ("[[t]]\na = 1\n", lambda document: document.move(("t",), 0, 1)),
        ("[[t]]\na = 1\n", lambda document: document.put(("t", 3, "a"), 1)),
        ("[t.u]\na = 1\n[v]\n[t.w]\n", lambda document: document.drop(("t",))),
        ("a = 1\n", lambda document: document.put(("a", "b"), 1)),
    ],
)
def test_what_the_text_alone_can_change_is_refused(text: str, edit: Any) -> None:
    with pytest.raises(EditError):
        edit(Document(text))
