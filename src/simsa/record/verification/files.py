"""Checks of the files: exactly those of the manifest, exactly those that a bundle of this tier has."""

from __future__ import annotations

import hashlib
import re

from simsa.record import shapes
from simsa.record.bundle.contents import FORMAT
from simsa.record.bundle.first_page import PATH, first_page
from simsa.record.verification.findings import Findings, fail

MANIFESTS = ("manifest.json", "manifest.note")
_PUBLIC = re.compile(
    r"README\.txt|log/checkpoint|log/checkpoints/[1-9][0-9]{0,15}|log/tile/.+|rules/[0-9a-f]{64}\.json"
    r"|statements/[0-9a-f]{64}\.json|sheets\.json|ballots\.json|timestamps/[1-9][0-9]{0,15}\.tsr"
)
_OPENINGS = tuple(f"openings/{name}.json" for name in ("sheets", "slots", "panel", "events"))
_SOMETIMES = ("openings/components.json", "openings/ballots.json")
_MANIFEST = shapes.record(
    {
        "simsa_bundle": shapes.constant(FORMAT),
        "tier": shapes.one_of("public", "full"),
        "round": shapes.filled,
        "origin": shapes.filled,
        "key": shapes.filled,
        "files": shapes.mapping(shapes.record({"sha256": shapes.hash256, "size": shapes.count})),
    }
)


def check_manifest(found: Findings) -> None:
    """The manifest, and that the files are those it lists and a bundle of its tier has."""
    found.manifest = found.json("manifest.json", _MANIFEST)
    listed = found.manifest["files"]
    for path in (*MANIFESTS, PATH, "log/checkpoint", *(_OPENINGS if found.full else ())):
        if path not in found.files:
            fail(f"{path} is not there")
    for path, data in found.files.items():
        if path in MANIFESTS:
            continue
        if path not in listed:
            fail(f"{path} is not in the manifest")
        if listed[path] != {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}:
            fail(f"{path} is not the file that the manifest lists")
        if not (_PUBLIC.fullmatch(path) or (found.full and path in (*_OPENINGS, *_SOMETIMES))):
            fail(f"{path} does not belong to a bundle of the tier {found.manifest['tier']}")
    for path in listed:
        if path not in found.files or path in MANIFESTS:
            fail(f"{path} is in the manifest, and not there")


def check_first_page(found: Findings) -> None:
    """The page for people says what the rest says."""
    rules = found.rules_now
    assert found.checkpoint is not None
    tier = found.manifest["tier"]
    page = first_page(found.story, tier, dict(rules.name.by_language), rules.language, found.checkpoint)
    if found.files[PATH] != page.encode():
        fail(f"{PATH} says something else than the record")
