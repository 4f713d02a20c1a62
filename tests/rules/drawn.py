"""Rules and marks drawn by Hypothesis: every panel method, combination, rounding and effect of a missing mark."""

from fractions import Fraction

from hypothesis import strategies as st

from simsa.rules import Missing

PANELS = st.builds(
    lambda method, high, low, ties, extra, below, spread, otherwise, places: (
        f'{{ method = "{method}"'
        + (f', drop_high = {high}, drop_low = {low}, ties = "{ties}"' if method == "trimmed_mean" else "")
        + (f', spread = "{spread}", otherwise = "{otherwise}"' if method == "consensus" else "")
        + f', minimum = {(high + low if method == "trimmed_mean" else 0) + extra}, below_minimum = "{below}"'
        + (f", round = {{ places = {places} }}" if places < 3 else "")
        + " }"
    ),
    st.sampled_from(["mean", "median", "trimmed_mean", "consensus"]),
    st.integers(1, 2),
    st.integers(0, 2),
    st.sampled_from(["one", "all"]),
    st.integers(1, 2),
    st.sampled_from(["no_result", "mean", "median"]),
    st.sampled_from(["0", "1.5", "10"]),
    st.sampled_from(["no_result", "mean", "median"]),
    st.integers(0, 4),
)
EFFECTS = st.sampled_from(['"leave_out"', '"no_result"', '{ value = "3.5" }'])
ROUNDS = st.sampled_from(["", 'round = { places = 1, mode = "half_even" }', 'round = { places = 0, mode = "down" }'])


@st.composite
def rules_texts(draw: st.DrawFn) -> str:
    """Rules of a two-level tree whose panel sits at the leaves, at the inner node, or at the root."""
    level = draw(st.sampled_from(["leaf", "inner", "root"]))
    inner = draw(st.sampled_from(["weighted_sum", "mean", "median", "min", "max"]))
    outer = draw(st.sampled_from(["weighted_sum", "mean", "sum"]))
    if outer == "sum" and level == "root":
        outer = "mean"  # marks left out would count as zero: the rules refuse that
    panels = [draw(PANELS) for _ in range(3)]
    weight = {"weighted_sum": ('weight = "0.3"', 'weight = "0.7"')}
    one, two = weight.get(inner, ("", ""))
    first, second = weight.get(outer, ("", ""))
    missing = "\n".join(f"{why.value} = {draw(EFFECTS)}" for why in Missing)
    if outer == "sum" and level != "inner":
        missing = missing.replace('"leave_out"', '"no_result"')

    def panel(at: str, number: int) -> str:
        return f"panel = {panels[number]}" if level == at else ""

    alone = panel("leaf", 1) if level == "leaf" else (f"panel = {panels[1]}" if level == "inner" else "")
    return f"""
simsa_rules = 1
round = {{ id = "r", name = "r", time_zone = "UTC" }}
[[group]]
id = "a"
quota = 1
[missing]
{missing}
[[criterion]]
id = "total"
combine = {{ method = "{outer}" }}
{panel("root", 0)}
{draw(ROUNDS)}
[[criterion]]
id = "pair"
{first}
factor = "1.5"
combine = {{ method = "{inner}", round = {{ places = 2 }} }}
{panel("inner", 0)}
at_most = "12.25"
{draw(ROUNDS)}
[[criterion]]
id = "p"
parent = "pair"
{one}
scale = {{ min = 0, max = 10, step = "0.25" }}
{panel("leaf", 0)}
[[criterion]]
id = "q"
parent = "pair"
{two}
scale = {{ min = 0, max = 10, step = "0.25" }}
{panel("leaf", 2)}
{draw(ROUNDS)}
[[criterion]]
id = "single"
{second}
scale = {{ min = 0, max = 10, step = "0.25" }}
{alone}
[[tie_break]]
lot = true
"""


MARKS = st.one_of(
    st.integers(0, 40).map(lambda n: str(Fraction(n, 4))),
    st.integers(26, 28).map(lambda n: str(Fraction(n, 4))),
    st.sampled_from(list(Missing)),
)
