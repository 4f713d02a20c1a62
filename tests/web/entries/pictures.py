"""Pictures of noise: as large as they look, and like no other."""

from __future__ import annotations

import io
import random

from PIL import Image


def noise(side: int, seed: int = 0) -> bytes:
    """A PNG of `side` x `side` pixels of three bytes each."""
    made = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(seed).randbytes(3 * side * side)).save(made, "PNG")
    return made.getvalue()
