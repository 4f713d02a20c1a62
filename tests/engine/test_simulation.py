from pathlib import Path

import numpy as np

from simsa.engine.inputs import Entries, Status
from simsa.engine.simulation import Settings, World, normal, simulate, uniform
from simsa.engine.tally import tally
from simsa.rules import load

RULES = load(Path(__file__).parents[2] / "examples/proactive/rules.toml")
REVIEWERS = tuple(f"R{n:02}" for n in range(33))


def drawn(settings: Settings, seed: str, size: int = 400):  # type: ignore[no-untyped-def]
    entries = Entries(tuple(f"e{n}" for n in range(size)), ("시",) * size)
    entry = np.repeat(np.arange(size), 5)
    reviewer = (entry * 7 + np.tile(np.arange(5), size) * 5) % 33
    return entries, simulate(RULES, entries, entry, reviewer, REVIEWERS, settings, seed)


def test_the_same_seed_gives_the_same_sheets() -> None:
    _, first = drawn(Settings(), "a")
    _, again = drawn(Settings(), "a")
    _, other = drawn(Settings(), "b")
    assert (first.sheets.mark == again.sheets.mark).all()
    assert (first.sheets.mark != other.sheets.mark).any()


def test_the_stream_is_fixed_for_ever() -> None:
    assert [f"{u:.15f}" for u in uniform("seed", "label", 2)] == ["0.564043286867740", "0.790204100268192"]


def test_normal_numbers_are_normal() -> None:
    sample = normal("seed", "label", 40_000)
    assert abs(sample.mean()) < 0.02
    assert abs(sample.std() - 1) < 0.02


def test_marks_are_on_the_scale_and_pairs_correlate_as_asked() -> None:
    correlations = []
    for seed in range(6):
        entries, simulation = drawn(Settings(), str(seed), 600)
        simulation.sheets.check(RULES, entries)
        totals = tally(RULES, entries, simulation.sheets).sheet_totals
        values = (totals.numerator / totals.denominator).astype(float).reshape(600, 5)
        pairs = np.corrcoef(values.T)[np.triu_indices(5, 1)]
        correlations.append(pairs.mean())
    assert abs(np.mean(correlations) - 0.4) < 0.06


def test_the_declared_share_is_erratic() -> None:
    _, simulation = drawn(Settings(erratic_share=0.1), "a")
    assert sorted(set(simulation.noise)) == [8.0, 20.0]
    assert (simulation.noise > 8).sum() == 4  # a tenth of 33, rounded up


def test_missing_sheets_are_missing_not_zero() -> None:
    _, simulation = drawn(Settings(missing_share=0.2, abstained_share=0.05), "a")
    status = simulation.sheets.status
    gone = (status == Status.NOT_SUBMITTED).all(axis=1)
    assert 0.15 < gone.mean() < 0.25
    assert ((status == Status.NOT_SUBMITTED).any(axis=1) == gone).all()
    assert 0.02 < (status == Status.ABSTAINED).mean() < 0.06


def test_noise_spreads_over_reviewers_as_asked() -> None:
    settings = Settings(erratic_share=0.0, noise_spread=1.2)
    noise = World(RULES, 1, tuple(f"R{n}" for n in range(4000)), settings, "a").noise
    assert abs(np.log(noise**2).std() - 1.2) < 0.05
    assert abs((noise**2).mean() / settings.noise_variance - 1) < 0.1


def test_another_part_is_the_same_world_at_another_time() -> None:
    world = World(RULES, 40, REVIEWERS, Settings(), "a")
    entry, reviewer = np.arange(40), np.arange(40) % 33
    first, again, later = (world.sheets(entry, reviewer, part) for part in ("", "", " 1"))
    assert (first.mark == again.mark).all()
    assert (first.mark != later.mark).any()
    correlation = np.corrcoef(first.mark.sum(axis=1), later.mark.sum(axis=1))[0, 1]
    assert correlation > 0.3, "the same entries and reviewers"
