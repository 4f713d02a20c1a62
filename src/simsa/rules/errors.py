"""What is wrong with a rules file: each problem with its place and what is allowed there."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 100
"""Problems that are named: who has made more has another kind of file before them."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a rules file.

    `key` is the place in the file (`criterion[2].weight`), `line` its line counted from 1 where it could be
    found, `what` says what is wrong, `allowed` what to write instead (may be empty).
    """

    key: str
    what: str
    allowed: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, {self.key}" if self.line else self.key
        text = f"{place}: {self.what}" + (f" ({self.allowed})" if self.allowed else "")
        # Keys are shown as they stand in a file from anywhere: what they hold must not steer a terminal.
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class RulesError(ValueError):
    """A rules file that cannot be used. `problems` names every fault that was found, up to a hundred."""

    def __init__(self, problems: tuple[Problem, ...], source: str = "rules") -> None:
        self.problems = problems
        self.source = source
        lines = "\n".join(f"  {problem}" for problem in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{source}: {count}\n{lines}")
