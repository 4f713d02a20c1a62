"""What a file is, what speaks against it, what it tells of who made it, and its copy that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from simsa.web.entries.evidence.findings import Finding, RefusedError, Trace, refuse
from simsa.web.entries.evidence.forms import hwpx, ooxml, pdf, picture
from simsa.web.entries.evidence.kinds import OFFICE, PICTURES, Kind, kind_of
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import Package, written


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
    kind: Kind | None
    faults: tuple[Finding, ...] = ()
    traces: tuple[Trace, ...] = ()


def look(data: bytes, limits: Limits, *, allow_zip: bool) -> Looked:
    """Everything that is found in a file. Traces are looked for only in one that is taken."""
    kind = None
    try:
        kind = kind_of(data, limits, allow_zip=allow_zip)
        if kind is Kind.ZIP:
            members = members_of(data, limits)
            found = [finding for name, (_, member) in members.items() for finding in _within(name, member)]
            return Looked(kind, tuple(found)) if found else Looked(kind, (), tuple(_cleaned_zip(data, limits)[1]))
        faults = FORMS[kind].faults(data, limits)
        if faults:
            return Looked(kind, tuple(faults))
        return Looked(kind, (), tuple(FORMS[kind].cleaned(data, "")[1]))
    except RefusedError as refused:
        return Looked(kind, refused.faults)


def cleaned(data: bytes, kind: Kind, limits: Limits) -> bytes:
    """The copy of a file against which nothing speaks. RefusedError if it still tells something."""
    copy, _ = _cleaned_zip(data, limits) if kind is Kind.ZIP else FORMS[kind].cleaned(data, "")
    again = look(copy, limits, allow_zip=kind is Kind.ZIP)
    if again.kind is not kind or again.faults or again.traces:
        raise refuse("not_cleaned", ", ".join(str(left.code) for left in (*again.faults, *again.traces)))
    return copy


def members_of(data: bytes, limits: Limits) -> dict[str, tuple[bytes, Looked]]:
    """The files in a ZIP, each with what was found in it. A ZIP inside of a ZIP is refused."""
    package = Package.read(data, limits)
    return {name: (package[name], look(package[name], limits, allow_zip=False)) for name in package.names}


def _within(name: str, looked: Looked) -> list[Finding]:
    """What is found in a member, told with its name."""
    found = [Finding("nested", name) if fault.code == "zip" else fault for fault in looked.faults]
    return [Finding(fault.code, f"{name} {fault.detail}" if name not in fault.detail else fault.detail) for fault in found]


def _cleaned_zip(data: bytes, limits: Limits) -> tuple[bytes, list[Trace]]:
    """Files under numbers instead of names, without times."""
    package = Package.read(data, limits)
    traces = [Trace("words", "ZIP", package.comment.decode("utf-8", "replace"))] if package.comment else []
    members: list[tuple[str, bytes]] = []
    for number, (name, (member, looked)) in enumerate(members_of(data, limits).items(), start=1):
        assert looked.kind is not None
        copy, told = FORMS[looked.kind].cleaned(member, name)
        traces += [Trace(trace.code, f"{name} {trace.place}", trace.value) for trace in told]
        new = f"{number}{looked.kind.ending}"
        traces += [Trace("names", "ZIP", name)] if not PurePosixPath(name).stem.isdecimal() else []
        members.append((new, copy))
    if any(info.date_time != (1980, 1, 1, 0, 0, 0) for info in package.infos.values()):
        traces.append(Trace("times", "ZIP"))
    return written(members), traces
