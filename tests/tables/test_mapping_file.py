import unicodedata
from dataclasses import fields
from pathlib import Path

import pytest

from simsa.engine.simulation import Settings
from simsa.rules import Problem, RulesError, load, parse
from simsa.tables.mapping import Value
from simsa.tables.mapping_file import load_mapping, parse_mapping
from simsa.tables.mapping_file.synthetic import MOST
from tests.rules.small import changed
from tests.tables.folder import FILES, MAP, RULES, mapping, write

ROOT = Path(__file__).parents[2]


def problems(text: str) -> list[Problem]:
    with pytest.raises(RulesError) as caught:
        mapping(text)
    return list(caught.value.problems)


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "key", "what", "allowed"),
    [
        ("simsa_round = 1", "simsa_round = 2", "simsa_round", "is 2", "simsa_round = 1"),
        ("simsa_round = 1", "", "simsa_round", "is missing", "simsa_round = 1"),
        ('id = "id"\nname', 'idd = "id"\nname', "entries.idd", "is not a known key", "did you mean id?"),
        ('group = "kind"', "", "entries.group", "is missing", "a column"),
        ('group = "kind"', "group = 3", "entries.group", "names no column", "a column"),
        ('group = "kind"', "group = []", "entries.group", "names no column", "a column"),
        (
            'group = "kind"',
            'group = { column = "a", first = ["b"] }',
            "entries.group",
            "has column and first at once",
            "exactly one of column, columns, first, value",
        ),
        (
            'group = "kind"',
            'group = { column = "a", translate = "x" }',
            "entries.group.translate",
            "'x' is no [translate]",
            "known: none",
        ),
        ('group = "kind"', 'group = { column = "a", match = "x" }', "entries.group.match", "'x' is no [match]", "none"),
        (
            'group = "kind"',
            "group = { column = \"a\", patterns = [{ matches = '(', becomes = 'x' }] }",
            "entries.group.patterns[1].matches",
            "is no regular expression",
            "docs.python.org",
        ),
        (
            'group = "kind"',
            "group = { column = \"a\", patterns = [{ matches = 'a', becomes = '\\1' }] }",
            "entries.group.patterns[1].becomes",
            "does not fit the pattern: invalid group reference 1",
            "the first group",
        ),
        ('file = "sheets.csv"', "", "sheets", "has none of its keys", "exactly one of file, files"),
        (
            'file = "sheets.csv"',
            'file = "../x.csv"',
            "sheets.file",
            "'../x.csv' leads out of the folder",
            "a name inside the data folder",
        ),
        (
            'file = "sheets.csv"',
            'files = ["/etc/x.csv"]',
            "sheets.files",
            "'/etc/x.csv' leads out of the folder",
            "names inside the data folder",
        ),
        ('mark = "mark"', "", "sheets.mark", "is missing", "a column"),
        ('mark = "mark"', 'mark = "mark"\non_error = "go"', "sheets.on_error", "is 'go'", "one of stop, skip"),
        (
            'criterion = "criterion"\nmark = "mark"',
            'marks = { idea = "i", style = "s" }',
            "sheets.marks.style",
            "is no criterion that the panel marks",
            "known: idea, work",
        ),
        (
            'criterion = "criterion"\nmark = "mark"',
            'marks = { work = "w" }',
            "sheets.marks",
            "says nothing of idea",
            "marks says the column of each: idea, work",
        ),
        (
            'criterion = "criterion"\nmark = "mark"',
            "marks = []",
            "sheets.marks",
            "says nothing of idea, work",
            "idea, work",
        ),
        (
            'criterion = "criterion"\nmark = "mark"',
            "marks = {}",
            "sheets.marks",
            "says nothing of idea, work",
            "idea, work",
        ),
        (
            'criterion = "criterion"',
            'criterion = { value = "idea" }',
            "sheets.criterion",
            "says nothing of work",
            "marks says the column of each",
        ),
        ('group = "kind"', "group = { columns = [] }", "entries.group.columns", "names no column", "at least one"),
        ('group = "kind"', "group = { first = [] }", "entries.group.first", "names no column", "at least one"),
        ('group = "kind"', 'group = { first = [" "] }', "entries.group.first", "names no column", "at least one"),
        (
            'group = "kind"',
            "group = { column = \"a\", patterns = [{ matches = 'a{99999999999999999999}', becomes = 'x' }] }",
            "entries.group.patterns[1].matches",
            "is no regular expression",
            "docs.python.org",
        ),
        ('mark = "mark"', 'mark = "mark"\ndelimiter = ", "', "sheets.delimiter", "is ', '", "one sign"),
        ('mark = "mark"', 'mark = "mark"\ndelimiter = ""', "sheets.delimiter", "is ''", "one sign"),
        ('mark = "mark"', 'mark = "mark"\ngrouping = "0"', "sheets.grouping", "is '0'", "one sign"),
        (
            'mark = "mark"',
            'mark = "mark"\nmissing = { "-" = "zero" }',
            "sheets.missing.-",
            "is 'zero'",
            "one of not_submitted, not_applicable, abstained, recused",
        ),
        (
            'mark = "mark"',
            'mark = "mark"\nwhere = { a = { like = "x" } }',
            "sheets.where.a",
            "says no condition",
            "one of is, not, matches, empty",
        ),
        ('mark = "mark"', 'mark = "mark"\nwhere = { a = 5 }', "sheets.where.a", "is 5", "a text or a list of texts"),
        (
            'mark = "mark"',
            'mark = "mark"\ndecimal = ","\ngrouping = ","',
            "sheets.decimal",
            "',' and grouping ','",
            "two different single signs",
        ),
    ],
)
def test_every_fault_has_its_place_and_what_is_allowed(old: str, new: str, key: str, what: str, allowed: str) -> None:
    text = changed(old, new, MAP)
    found = [problem for problem in problems(text) if problem.key == key and problem.what.startswith(what)]
    assert found, problems(text)
    assert allowed in found[0].allowed
    if new:
        section = text.find(f"[{key.split('.')[0]}]")
        assert found[0].line in {line_of(text, new) + n for n in range(3)} | {text[:section].count("\n") + 1}


@pytest.mark.parametrize(
    ("more", "key", "what"),
    [
        ('time = "a"\norder = "b"\n', "sheets.order", "stands beside time"),
        ('[[sheets.join]]\nfile = "a.csv"\n', "sheets.join[1].on", "says no columns"),
        ('[[sheets.join]]\nfile = "a.csv"\non = "a"\nunmatched = "maybe"\n', "sheets.join[1].unmatched", "is 'maybe'"),
        ('[[sheets.drop]]\ncolumn = "a"\nreason = "r"\n', "sheets.drop[1]", "says no condition"),
        ('[[sheets.drop]]\ncolumn = "a"\nmatches = "x"\n', "sheets.drop[1].reason", "is missing"),
        ('[sheets.unpivot]\nname = "a"\nvalue = "b"\n', "sheets.unpivot", "has none of its keys"),
        ('[match.a]\nagainst = "colour"\n', "match.a.against", "'colour' is nothing that entries have"),
        ('[[match.a.renamed]]\nfrom = "x"\nto = "y"\n', "match.a.renamed[1].reason", "is missing"),
        ('[[data.file]]\nname = "a.csv"\nsha256 = "abc"\n', "data.file[1].sha256", "'abc' is no SHA-256"),
        ('[[data.file]]\nname = "../a.csv"\n', "data.file[1].name", "'../a.csv' leads out of the folder"),
        ('[synthetic]\nseed = "x"\n', "synthetic", "stands beside [sheets]"),
        ("[synthetic]\nseverity_sd = 1\n", "synthetic.seed", "is missing"),
        ('[synthetic]\nseed = "x"\nseverity = 1\n', "synthetic.severity", "is not a known key"),
        ('[synthetic]\nseed = "x"\npair_correlation = 1\n', "synthetic.pair_correlation", "is 1"),
        ('[synthetic]\nseed = "x"\nconflict_share = 1.5\n', "synthetic.conflict_share", "is 1.5"),
        ('[synthetic]\nseed = "x"\nerratic_share = 3\n', "synthetic.erratic_share", "is 3"),
        ('[synthetic]\nseed = "x"\nabstained_share = -1\n', "synthetic.abstained_share", "is -1"),
        ('[synthetic]\nseed = "x"\nmissing_share = "1.01"\n', "synthetic.missing_share", "is '1.01'"),
        ('[synthetic]\nseed = "x"\nerratic_factor = 1e9\n', "synthetic.erratic_factor", "is 1E+9"),
        ('[synthetic]\nseed = "x"\nscale_sd = 50\n', "synthetic.scale_sd", "is 50"),
        ('[synthetic]\nseed = "x"\ncentre = 101\n', "synthetic.centre", "is 101"),
        ('[sheets.unpivot]\ncolumns = []\nname = "a"\nvalue = "b"\n', "sheets.unpivot.columns", "names no column"),
        (
            '[sheets.unpivot]\nmatches = "x"\nname = "a"\nvalue = "a "\n',
            "sheets.unpivot.value",
            "'a' is also the name's column",
        ),
        (
            '[[reported]]\nfile = "a**b.csv"\nentry = "e"\nfields = ["a"]\n',
            "reported[1].file",
            "'a**b.csv' is no name of a file",
        ),
        ('[[reported]]\nfiles = []\nentry = "e"\nfields = ["a"]\n', "reported[1].files", "names no file"),
        (
            '[[reported]]\nfile = "a.csv"\nentry = "e"\nfields = ["a"]\n',
            "reported[1].fields.a",
            "is not a field that the rules use",
        ),
        ('[[reported]]\nfile = "a.csv"\nentry = "e"\nfields = {}\n', "reported[1].fields", "names no field"),
        (
            '[[reported]]\nfile = "a.csv"\nentry = "e"\nfield = { value = "f" }\nvalue = "v"\n',
            "reported[1].field",
            "'f' is not a field that the rules use",
        ),
        ("[extra]\nx = 1\n", "extra", "is not a known key"),
        (
            '[[reported]]\nfile = "a.csv"\nentry = "e"\ncriterion = { value = "style" }\nfields = ["a"]\n',
            "reported[1].criterion",
            "'style' is no criterion",
        ),
    ],
)
def test_faults_of_further_parts(more: str, key: str, what: str) -> None:
    assert (key, what) in [(problem.key, problem.what) for problem in problems(MAP + more)]


def test_all_faults_are_named_at_once() -> None:
    text = changed('group = "kind"', "", changed('mark = "mark"', "", MAP))
    assert [problem.key for problem in problems(text)] == ["entries.group", "sheets.mark"]


def test_a_file_that_is_no_toml_or_no_text() -> None:
    with pytest.raises(RulesError, match="is not TOML"):
        mapping("x = ")
    with pytest.raises(RulesError, match="is not TOML"):
        mapping("x = " + "[" * 100_000)
    with pytest.raises(RulesError, match="is not TOML"):
        mapping("x = " + "1" * 5_000)
    with pytest.raises(RulesError, match="byte 0 is not UTF-8"):
        parse_mapping(b"\xff", lambda _: RULES)


def test_without_entries_there_is_no_round() -> None:
    assert [problem.key for problem in problems("simsa_round = 1")] == ["entries"]


def test_translations_are_shared_and_own_ones_come_first() -> None:
    text = changed(
        'criterion = "criterion"', 'criterion = { column = "c", translate = "t", values = { a = "idea" } }', MAP
    )
    text += (
        "[translate.t]\nvalues = { a = \"work\", b = \"work\" }\npatterns = [{ matches = '^w', becomes = 'work' }]\n"
    )
    part = mapping(text).sheets
    assert part is not None
    assert part.criterion is not None
    assert dict(reversed(part.criterion.values)) == {"a": "idea", "b": "work"}
    assert [becomes for _, becomes in part.criterion.patterns] == ["work"]


def test_columns_are_compared_in_tidy_form() -> None:
    text = changed('mark = "mark"', unicodedata.normalize("NFD", 'mark = " 점수\\n합계 "'), MAP)
    part = mapping(text).sheets
    assert part is not None
    assert part.mark == Value(columns=("점수 합계",))


def test_one_named_group_need_not_be_mapped() -> None:
    small = FILES["rules.toml"]
    start, end = small.index('[[group]]\nid = "b"'), small.index("[missing]")
    one_group = parse(small[:start] + small[end:])
    found = parse_mapping(changed('group = "kind"\n', "", MAP), lambda _: one_group)
    assert found.entries.group == Value(constant="a")


def test_sheets_are_drawn_for_a_panel_alone() -> None:
    start, end = MAP.index("[reviewers]"), MAP.index("[sheets]")
    assert [(p.key, p.what) for p in problems(MAP[:start] + '[synthetic]\nseed = "s"\n')] == [
        ("synthetic", "has no [reviewers]")
    ]
    assert not mapping(MAP[:start] + MAP[end:]).reviewers


def test_every_setting_has_its_bound() -> None:
    assert list(MOST) == [field.name for field in fields(Settings)]
    every = "".join(f"{name} = {most}\n" for name, most in MOST.items() if name != "pair_correlation")
    assert mapping(MAP[: MAP.index("[sheets]")] + f'[synthetic]\nseed = "s"\n{every}').synthetic


def test_synthetic_settings_are_those_of_the_engine() -> None:
    text = MAP[: MAP.index("[sheets]")] + '[synthetic]\nseed = "s"\nerratic_share = "0.25"\ncentre = 60\n'
    found = mapping(text).synthetic
    assert found is not None
    assert found.settings == Settings(erratic_share=0.25, centre=60.0)


def test_addresses_are_joined_to_the_home() -> None:
    text = MAP + '[data]\nhome = "https://example.org/x/"\n[[data.file]]\nname = "a.csv"\n'
    text += '[[data.file]]\nname = "b.csv"\nurl = "https://example.net/b"\nbytes = 7\n'
    files = mapping(text).data.files
    assert [(file.url, file.size) for file in files] == [
        ("https://example.org/x/a.csv", None),
        ("https://example.net/b", 7),
    ]


def test_the_rules_file_is_the_one_that_is_named(tmp_path: Path) -> None:
    text = changed("simsa_round = 1", 'simsa_round = 1\nrules = "other.toml"', MAP)
    write(tmp_path, {"round.toml": text, "other.toml": FILES["rules.toml"]})
    assert load_mapping(tmp_path).rules == load(tmp_path / "other.toml")


@pytest.mark.parametrize("name", ["skating", "fiscal-efforts", "proactive"])
def test_the_examples_have_no_fault(name: str) -> None:
    found = load_mapping(ROOT / "examples" / name)
    assert found.seed
    assert all(file.sha256 and file.size and file.url for file in found.data.files)
