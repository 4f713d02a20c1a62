"""What is found in a file: what speaks against it, and what it tells of who made it.

The worker that reads foreign bytes knows only codes; `words` says them to people.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 200
"""Characters of a detail that are kept."""


def _short(text: str) -> str:
    """A text as it can be shown and sent: without controls and halves of characters, and not long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:LONGEST]


@dataclass(frozen=True)
class Finding:
    """A reason to refuse a file, or a remark on it. `detail` is what `words` puts into the sentence for `code`."""

    code: str
    detail: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", _short(self.detail))

    def __str__(self) -> str:
        from simsa.web.entries.evidence.words import finding_text  # noqa: PLC0415 (the worker must not need Django)

        return finding_text(self)


@dataclass(frozen=True)
class Trace:
    """Something that tells who made a file, when or with what: of which sort, in which part, and what it says."""

    code: str
    place: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", _short(self.place))
        object.__setattr__(self, "value", _short(self.value))

    def __str__(self) -> str:
        from simsa.web.entries.evidence.words import trace_text  # noqa: PLC0415 (the worker must not need Django)

        return trace_text(self)


class RefusedError(Exception):
    """A file that is not taken, for the reasons given."""

    def __init__(self, *faults: Finding) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


def refuse(code: str, detail: str = "") -> RefusedError:
    return RefusedError(Finding(code, detail))
