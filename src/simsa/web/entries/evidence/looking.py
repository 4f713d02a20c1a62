"""What a file is, what speaks against it, what it tells of who made it, and its copy that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from simsa.web.entries.evidence.findings import Finding, RefusedError, Trace
from simsa.web.entries.evidence.forms import hwpx, hwpx_copy, ooxml, ooxml_copy, pdf, pdf_copy, picture
from simsa.web.entries.evidence.kinds import OFFICE, PICTURES, Kind, kind_of
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import Package, told_by_container, written


@dataclass(frozen=True)
class Form:
    faults: Callable[[bytes, Limits], list[Finding]]
    cleaned: Callable[[bytes, str], tuple[bytes, list[Trace]]]


FORMS = {
    Kind.PDF: Form(pdf.faults, pdf_copy.cleaned),
    Kind.HWPX: Form(hwpx.faults, hwpx_copy.cleaned),
    **dict.fromkeys(OFFICE, Form(ooxml.faults, ooxml_copy.cleaned)),
    **dict.fromkeys(PICTURES, Form(picture.faults, picture.cleaned)),
}


MOST = 300
"""Faults and traces that are told: nobody reads more, and a file could hold millions."""


@dataclass(frozen=True)
class Looked:
    """What was found, each thing once. `copy` is the file without its traces; empty where the file is refused."""

    kind: Kind | None
    faults: tuple[Finding, ...] = ()
    traces: tuple[Trace, ...] = ()
    copy: bytes = b""

    def __post_init__(self) -> None:
        object.__setattr__(self, "faults", tuple(dict.fromkeys(self.faults))[:MOST])
        object.__setattr__(self, "traces", tuple(dict.fromkeys(self.traces))[:MOST])


def look(data: bytes, limits: Limits, *, allow_zip: bool) -> Looked:
    """Everything that is found in a file. Traces are looked for only in one that is taken."""
    kind = None
    try:
        kind = kind_of(data, limits, allow_zip=allow_zip)
        if kind is Kind.ZIP:
            return _look_into(data, limits)
        faults = FORMS[kind].faults(data, limits)
        copy, traces = (b"", []) if faults else FORMS[kind].cleaned(data, "")
        return Looked(kind, tuple(faults), tuple(traces), copy)
    except RefusedError as refused:
        return Looked(kind, refused.faults)


def left_in_copy(looked: Looked, limits: Limits) -> list[str]:
    """What can still be found in the copy, by code: nothing, if it is one."""
    again = look(looked.copy, limits, allow_zip=looked.kind is Kind.ZIP)
    left = [fault.code for fault in again.faults] + [trace.code for trace in again.traces]
    return left if again.kind is looked.kind else [*left, "other"]


def _look_into(data: bytes, limits: Limits) -> Looked:
    """At a ZIP and its members, which may be no ZIP. In the copy they have numbers for names, and no times."""
    package = Package.read(data, limits)
    faults: list[Finding] = []
    traces = told_by_container(package)
    members: list[tuple[str, bytes]] = []
    for number, name in enumerate(package.names, start=1):
        looked = look(package[name], limits, allow_zip=False)
        for fault in looked.faults:
            detail = fault.detail if name in fault.detail else f"{name} {fault.detail}"
            faults.append(Finding("nested" if fault.code == "zip" else fault.code, detail))
        traces += [Trace(trace.code, f"{name} {trace.place}", trace.value) for trace in looked.traces]
        if not PurePosixPath(name).stem.isdecimal():
            traces.append(Trace("names", "ZIP", name))
        if looked.kind is not None:
            members.append((f"{number}{looked.kind.ending}", looked.copy))
    return Looked(Kind.ZIP, tuple(faults)) if faults else Looked(Kind.ZIP, (), tuple(traces), written(members))
