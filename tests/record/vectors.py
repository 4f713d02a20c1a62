"""Published test vectors, read from the data folder (`SIMSA_DATA`): its SOURCES.md says whose they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VECTORS = Path(os.environ.get("SIMSA_DATA", "")) / "vectors"
needs_vectors = pytest.mark.skipif(not os.environ.get("SIMSA_DATA"), reason="SIMSA_DATA is not set: no vectors")
