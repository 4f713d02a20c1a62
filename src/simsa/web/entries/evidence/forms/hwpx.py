"""HWPX (KS X 6101, OWPML): what speaks against a document. Its copy is made by `hwpx_copy`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simsa.web.entries.evidence import markup
from simsa.web.entries.evidence.findings import Finding
from simsa.web.entries.evidence.forms.media import is_drawing, media_faults
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.packages import Package

CONTENT, PREVIEW = "Contents/content.hpf", "Preview/PrvText.txt"
SHOWN = re.compile(r"Contents/(header|section\d+|masterpage\d+)\.xml$|Chart/chart\d+\.xml$|BinData/[^/]+$")
OPF = "{http://www.idpf.org/2007/opf/}"
SCRIPT = re.compile(
    r"(var Documents=XHwpDocuments;|var Document=Documents\.Active_XHwpDocument;|function \w+\(\)\{\};?)*"
)
"""What the word processor writes where there is no script: handlers that do nothing."""


def faults(data: bytes, limits: Limits) -> list[Finding]:
    """What speaks against a document."""
    package = Package.read(data, limits)
    found: list[Finding] = []
    for name in package.names:
        part = package[name]
        if name.lower().endswith(".js"):
            found += [] if _does_nothing(part) else [Finding("macros", name)]
        elif name == PREVIEW:
            continue  # plain text, which begins like markup where the document begins with a table; no copy has it
        elif markup.is_markup(part):
            markup.check(part, name)
            found += list(_faults_of_markup(name, part))
        else:
            found += media_faults(name, part, limits)
    if CONTENT not in package.names:
        found.append(Finding("damaged", CONTENT))
    return found


def _does_nothing(script: bytes) -> bool:
    text = script.decode("utf-16" if b"\0" in script[:4] else "utf-8", "replace").lstrip("\ufeff")
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return SCRIPT.fullmatch(re.sub(r" ?([(){};=]) ?", r"\1", text).strip().replace("; ", ";")) is not None


def _faults_of_markup(name: str, part: bytes) -> Iterator[Finding]:
    if name == "META-INF/manifest.xml" and b"encryption-data" in part:
        yield Finding("encrypted")
    if is_drawing(part):
        yield from media_faults(name, part, Limits())
    if name == CONTENT:
        root = markup.parsed(part, name)
        for item in root.iter(f"{OPF}item"):
            media, address = item.get("media-type", ""), item.get("href", "")
            if "ole" in media or address.lower().endswith(".ole"):
                yield Finding("embedded", address)
            elif item.get("isEmbeded") == "0" and re.match(r"(?i)(https?|ftp):|\\\\|//|file://[^/]", address):
                yield Finding("external", address)
    if SHOWN.match(name):
        root = markup.parsed(part, name)
        if root.find(".//{*}ole") is not None:
            yield Finding("embedded", name)
        if root.find(".//{*}video") is not None:
            yield Finding("film", name)
        for field in root.iter("{*}fieldBegin"):
            command = "".join(field.itertext())
            if field.get("type") == "HYPERLINK" and re.search(r"(?i)(javascript|vbscript|data)\s*\\?:", command):
                yield Finding("script", name)
