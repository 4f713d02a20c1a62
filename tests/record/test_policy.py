"""Policies: what they ask of witnesses, against brute force, and every fault with its line."""

import base64
import hashlib
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsa.record.policy import Log, Policy, PolicyError, Witness, WitnessGroup
from tests.draws import draws


def key(name: str, kind: int = 4) -> str:
    public = hashlib.sha256(name.encode()).digest()
    return f"{name}.example+{public[:4].hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


X, Y, Z = key("x"), key("y"), key("z")
THREE = f"witness x {X}\nwitness y {Y}\nwitness z {Z}\n"


def faults(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as refused:
        Policy.parse(text)
    assert str(refused.value) == "\n".join(refused.value.faults)
    return refused.value.faults


def test_a_policy_of_two_levels() -> None:
    log = key("log", kind=1)
    policy = Policy.parse(
        f"# whom we trust\n\nlog {log} https://log.example/\n \t witness x\t{X}  \nwitness y {Y} https://y.example\n"
        f"group both all x y\nwitness z {Z}\n  # either\ngroup either any both z\nquorum either\nlog {key('other', 1)}"
    )
    assert policy.logs == (Log(log, "https://log.example/"), Log(key("other", 1)))
    assert policy.witnesses == (Witness("x", X), Witness("y", Y, "https://y.example"), Witness("z", Z))
    assert policy.groups == (WitnessGroup("both", 2, ("x", "y")), WitnessGroup("either", 1, ("both", "z")))
    asked = [set(some) for n in range(4) for some in combinations((X, Y, Z), n)]
    assert [some for some in asked if policy.met(some)] == [{Z}, {X, Y}, {X, Z}, {Y, Z}, {X, Y, Z}]


def test_no_quorum_asks_for_nobody_and_one_witness_for_that_one() -> None:
    assert Policy.parse("quorum none").met(set())
    alone = Policy.parse(f"{THREE}quorum y\n")
    assert alone.met({Y})
    assert not alone.met({X, Z, "y", Y.replace("y.example", "other.example")})


def test_names_are_octets() -> None:
    kelvin = b"witness \xe2\x84\xaa %b\nwitness K %b\nwitness \xff %b\n" % (X.encode(), Y.encode(), Z.encode())
    policy = Policy.parse(kelvin + b"group all 2 \xff K\nquorum all")
    assert policy.met({Y, Z})
    assert not policy.met({X, Y})
    assert Policy.parse(f"witness n\u00a0n {X}\nquorum n\u00a0n\n").met({X})  # no white space here


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the policy has no line with its quorum"),
        ("quorum x", "line 1: 'x' is no witness or group of a line above"),
        (f"quorum x\n{THREE}", "line 1: 'x' is no witness"),
        ("quorum none\nquorum none", "line 2: the policy has a quorum already"),
        ("quorum", "line 1: is not what can be said about 'quorum'; quorum NAME"),
        ("quorum none x", "line 1: is not what can be said about 'quorum'"),
        ("Quorum none", "line 1: is not what can be said about 'Quorum'; a line begins with log, witness"),
        ("quorum none\r\n", r"line 1: holds the control character '\r'"),
        ("quorum none\x00", r"line 1: holds the control character '\x00'"),
        ("quorum none\n# \x1b[2J", r"line 2: holds the control character '\x1b'"),
        (f"{THREE}witness x {key('w')}\nquorum x", "line 4: 'x' is already the name of what line 1 defines"),
        (f"{THREE}group x any y\nquorum x", "line 4: 'x' is already the name of what line 1 defines"),
        (f"witness none {X}\nquorum none", "line 1: 'none' is the quorum of no witness"),
        (f"{THREE}group none any x\nquorum none", "line 4: 'none' is the quorum of no witness"),
        (f"{THREE}group g any none\nquorum g", "line 4: 'none' is no member of a group"),
        (f"{THREE}group g any w\nquorum g", "line 4: 'w' is no witness or group of a line above"),
        (f"{THREE}group g any g\nquorum g", "line 4: 'g' is no witness or group of a line above"),
        (f"{THREE}group g any x x\nquorum g", "line 4: 'x' is already a member of the group of line 4"),
        (f"{THREE}group g any x\ngroup h any x y\nquorum h", "line 5: 'x' is already a member of the group of line 4"),
        (f"{THREE}group g any\nquorum x", "line 4: is not what can be said about 'group'; group NAME all|any|NUMBER"),
        (f"{THREE}group g 0 x\nquorum g", "line 4: '0' of 1 is not 'any', 'all', or a number from 1 to 1"),
        (f"{THREE}group g 3 x y\nquorum g", "line 4: '3' of 2 is not"),
        (f"{THREE}group g 01 x y\nquorum g", "line 4: '01' of 2 is not"),
        (f"{THREE}group g \u0661 x y\nquorum g", "line 4: '\u0661' of 2 is not"),
        (f"{THREE}group g {'9' * 5000} x y\nquorum g", "of 2 is not"),
        (f"witness x {X} url more\nquorum none", "line 1: is not what can be said about 'witness'"),
        ("witness x\nquorum none", "line 1: is not what can be said about 'witness'"),
        ("log\nquorum none", "line 1: is not what can be said about 'log'; log KEY [URL]"),
        (f"log {X}\nlog {Y.replace('y.ex', 'x.ex')}\nlog {X}\nquorum none", "line 3: has the public key of the log of"),
        ("witness x x+1234567+BAAA\nquorum x", "line 1: 'x+1234567+BAAA' is no verifier key"),
        ("witness x x+1234567g+BAAA\nquorum x", "is no verifier key"),
        ("witness x +12345678+BAAA\nquorum x", "is no verifier key"),
        ("witness x x+12345678+\nquorum x", "is no verifier key"),
        ("witness x x+12345678+BA==\nquorum x", "is no verifier key"),
        ("witness x x+12345678+BAAA=\nquorum x", "is no verifier key"),
        ("witness x x+12345678+BAB=\nquorum x", "is no verifier key"),  # bits that nobody reads
        ("witness x x\u00a0y+12345678+BAAA\nquorum x", "is no verifier key"),
    ],
    ids=range(37),
)
def test_a_fault_is_named_once_with_its_line(text: str, expected: str) -> None:
    first, *others = faults(text)
    assert expected in first
    assert all("no line with its quorum" in other for other in others)  # where the quorum's own line is faulty


def test_keys_are_the_same_by_their_bytes_and_every_fault_is_named() -> None:
    same = "other.example+00000000+" + X.split("+", 2)[2]
    as_log = base64.b64encode(b"\x01" + base64.b64decode(X.split("+", 2)[2])[1:]).decode()
    found = faults(f"{THREE}witness w {same}\nlog x.example+00000000+{as_log}\nnonsense\nquorum v\n")
    assert [fault.split(":")[0] for fault in found] == ["line 4", "line 6", "line 7"]
    assert "the public key of the witness of line 1" in found[0]
    # A log that is a witness as well is not forbidden.
    assert Policy.parse(f"log x.example+00000000+{as_log}\nwitness x {X}\nquorum x").met({X})


def test_a_key_may_have_a_plus_in_its_base64() -> None:
    plus = "x+12345678+BPv7+/vv"
    assert Policy.parse(f"witness x {plus}\nquorum x").met({plus})


@st.composite
def policies(draw: st.DrawFn) -> tuple[str, dict[str, str], object]:
    """A policy's text, its witnesses' keys by name, and the tree of what it asks: a name, or a number of trees."""
    names = [f"w{n}" for n in range(draw(st.integers(1, 5)))]
    lines = [f"witness {name} {key(name)}" for name in names]
    free: list[tuple[str, object]] = [(name, name) for name in names]
    for n in range(draw(st.integers(0, 4))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique_by=lambda member: member[0]))
        least = draw(st.integers(1, len(members)))
        words = {1: ["any", "1"], len(members): ["all", str(len(members))]}
        word = draw(st.sampled_from(words.get(least, [str(least)])))
        lines.append(f"group g{n} {word} {' '.join(name for name, _ in members)}")
        free = [member for member in free if member not in members]
        asked: object = (int(word) if word.isdigit() else 1 if word == "any" else len(members), [t for _, t in members])
        free.append((f"g{n}", asked))
    name, tree = draw(st.sampled_from(free))
    lines.append(f"quorum {name}")
    return "\n".join(lines), {name: key(name) for name in names}, tree


def suffices(tree: object, witnessed: set[str]) -> bool:
    """By the subsets of so many members: whether all of any of them have witnessed."""
    if isinstance(tree, str):
        return tree in witnessed
    least, members = tree  # type: ignore[misc]
    return any(all(suffices(member, witnessed) for member in some) for some in combinations(members, least))


@settings(max_examples=draws(200), deadline=None)
@given(policies())
def test_the_quorum_is_that_of_brute_force(drawn: tuple[str, dict[str, str], object]) -> None:
    text, keys, tree = drawn
    policy = Policy.parse(text)
    for n in range(len(keys) + 1):
        for some in combinations(keys, n):
            assert policy.met({keys[name] for name in some}) == suffices(tree, set(some))


GROUPS = ["group g any x y", "group h all g z", "group g 2 x y z"]
LINES = [*THREE.split("\n"), *GROUPS, "quorum g", "quorum h", "#", "log"]


@settings(max_examples=draws(300), deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=8) | st.lists(st.text(max_size=20), max_size=5))
def test_lines_in_any_order_make_a_policy_or_named_faults(lines: list[str]) -> None:
    try:
        policy = Policy.parse("\n".join(lines))
    except PolicyError as error:
        found = error.faults
    else:
        found = ()
        above = {witness.name for witness in policy.witnesses}
        for group in policy.groups:
            assert above.issuperset(group.members)
            above.add(group.name)
        assert policy.quorum is None or policy.quorum in above
        assert policy.met({witness.key for witness in policy.witnesses})
        assert policy.met(set()) == (policy.quorum is None)
    assert all(found)
