"""What a file is, what speaks against it, what it tells of who made it, and its copy that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from simsa.web.entries.evidence.findings import Finding, RefusedError, Trace, refuse
from simsa.web.entries.evidence.forms import hwpx, ooxml, pdf, picture
from simsa.web.entries.evidence.kinds import OFFICE, PICTURES, Kind, kind_of
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import THE_DATE, Package, written


@dataclass(frozen=True)
class Form:
    faults: Callable[[bytes, Limits], list[Finding]]
    cleaned: Callable[[bytes, str], tuple[bytes, list[Trace]]]


FORMS = {
    Kind.PDF: Form(pdf.faults, pdf.cleaned),
    Kind.HWPX: Form(hwpx.faults, hwpx.cleaned),
    **dict.fromkeys(OFFICE, Form(ooxml.faults, ooxml.cleaned)),
    **dict.fromkeys(PICTURES, Form(picture.faults, picture.cleaned)),
}


@dataclass(frozen=True)
class Looked:
    """What was found, each thing once. `copy` is the file without its traces; empty where the file is refused."""

    kind: Kind | None
    faults: tuple[Finding, ...] = ()
    traces: tuple[Trace, ...] = ()
    copy: bytes = b""

    def __post_init__(self) -> None:
        object.__setattr__(self, "faults", tuple(dict.fromkeys(self.faults)))
        object.__setattr__(self, "traces", tuple(dict.fromkeys(self.traces)))


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


def check_copy(looked: Looked, limits: Limits) -> None:
    """RefusedError if something can still be found in the copy."""
    again = look(looked.copy, limits, allow_zip=looked.kind is Kind.ZIP)
    if again.kind is not looked.kind or again.faults or again.traces:
        raise refuse("not_cleaned", ", ".join(left.code for left in (*again.faults, *again.traces)))


def _look_into(data: bytes, limits: Limits) -> Looked:
    """At a ZIP and its members, which may be no ZIP. In the copy they have numbers for names, and no times."""
    package = Package.read(data, limits)
    faults: list[Finding] = []
    traces = [Trace("words", "ZIP", package.comment.decode("utf-8", "replace"))] if package.comment else []
    members: list[tuple[str, bytes]] = []
    for number, (name, info) in enumerate(package.infos.items(), start=1):
        looked = look(package[name], limits, allow_zip=False)
        for fault in looked.faults:
            detail = fault.detail if name in fault.detail else f"{name} {fault.detail}"
            faults.append(Finding("nested" if fault.code == "zip" else fault.code, detail))
        traces += [Trace(trace.code, f"{name} {trace.place}", trace.value) for trace in looked.traces]
        if not PurePosixPath(name).stem.isdecimal():
            traces.append(Trace("names", "ZIP", name))
        if info.date_time != THE_DATE:
            traces.append(Trace("times", "ZIP", "-".join(f"{part:02}" for part in info.date_time[:3])))
        if looked.kind is not None:
            members.append((f"{number}{looked.kind.ending}", looked.copy))
    return Looked(Kind.ZIP, tuple(faults)) if faults else Looked(Kind.ZIP, (), tuple(traces), written(members))
