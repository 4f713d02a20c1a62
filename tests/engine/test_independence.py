"""Verification counts again by other means: nothing compiled is called where it says so."""

from importlib import import_module

import numpy as np
import pytest

from simsa.engine import native
from simsa.engine.assignment import (
    Kinds,
    Problem,
    assign,
    assign_fairly,
    marginals,
    repair,
    verify,
    verify_bound,
    verify_marginals,
    verify_repair,
)
from simsa.engine.assignment.randomised import linear, prices, sampling, units


def problem_of(kinds, load):
    random = np.random.default_rng(1)
    alike = Kinds.between([*"aabbcc"], {"a": (1, 2), "b": (0, 1)}) if kinds else None
    matrix = random.integers(0, 100, (8, 6))
    return Problem.dense(matrix, 3, most=load, least=1, pinned=[(1, 1)], forbidden=[(2, 2)], kinds=alike)


@pytest.fixture
def uncompiled(monkeypatch):
    """A switch after which whatever is compiled is out of reach."""

    def refuse(name, *_arguments, **_options):
        raise AssertionError(f"{name} was called")

    def switch():
        for module in (native, linear, prices, sampling, units):
            monkeypatch.setattr(module, "call", refuse)

    return switch


@pytest.mark.parametrize("kinds", [False, True])
@pytest.mark.parametrize("load", [4, 5])
def test_an_assignment_and_a_bound_are_verified_without_the_compiled_loops(uncompiled, kinds, load):
    problem = problem_of(kinds, load)
    result, fair = assign(problem), assign_fairly(problem)
    uncompiled()
    verify(problem, result)
    verify_bound(problem, fair)


@pytest.mark.parametrize("kinds", [False, True])
@pytest.mark.parametrize("perturbation", [0.0, 0.5])
def test_marginals_are_verified_without_the_compiled_loops(uncompiled, kinds, perturbation):
    problem = problem_of(kinds, 5)
    found = marginals(problem, cap=0.75, perturbation=perturbation)
    uncompiled()
    verify_marginals(problem, found)


@pytest.mark.parametrize("kinds", [False, True])
def test_a_repair_is_verified_without_the_compiled_loops_but_for_what_had_to_go(uncompiled, monkeypatch, kinds):
    problem = problem_of(kinds, 5)
    before = assign(problem)
    now = problem.changed(most=np.where(np.arange(6) == 3, 0, 6), least=0)
    repaired = repair(now, before)
    uncompiled()
    monkeypatch.setattr(import_module("simsa.engine.assignment.repair"), "_released", lambda *_: repaired.released)
    verify_repair(now, before, repaired)
