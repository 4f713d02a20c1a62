"""Recorded components read from a file: what `simsa calibrate --components-out` wrote, or a run's result.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from simsa.engine.calibration import Components
from simsa.record import components

from .lookup import SourceFile
from .table import TableError


@dataclass(frozen=True)
class Recorded:
    """Components as they stand in a file."""

    content: Mapping[str, Any]
    source: SourceFile


def read_components(path: str | Path) -> Recorded:
    """What `simsa calibrate --components-out` wrote, or of a result.json the part that it records."""
    path = Path(path)
    data = path.read_bytes()
    try:
        content = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise TableError(f"{path}: is not JSON: {error}; give the recorded components") from None
    if isinstance(content, dict) and "simsa_components" not in content:
        calibration = content.get("calibration")
        content = calibration.get("components") if isinstance(calibration, dict) else None
    if not isinstance(content, dict) or content.get("simsa_components") != components.FORMAT:
        raise TableError(f"{path}: holds no components; give what --components-out wrote, or a result.json")
    return Recorded(content, SourceFile(path.name, path, len(data), hashlib.sha256(data).hexdigest()))


def components_of(recorded: Recorded, origin: components.Origin) -> Components:
    """For the rules and sheets of `origin`. TableError as `simsa.record.components.components_of`, with the file."""
    try:
        return components.components_of(recorded.content, origin)
    except components.ComponentsError as error:
        raise TableError(f"{recorded.source.path}: {error}") from None
