"""The process that reads foreign bytes: one file on standard input, findings and pictures into the folder it stands in.

Run by `sandbox.launch` alone, as `python -I -m simsa.web.entries.evidence.worker TASK`. It knows no Django, no settings
and no database. What it found is written step by step, so that a step that fails takes nothing from those before it.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simsa.web.entries.evidence.answers import CLEANED, COPY, LOOKED, SHOWN
from simsa.web.entries.evidence.limits import Limits
from simsa.web.entries.evidence.sandbox.launch import OUT_OF_MEMORY
from simsa.web.entries.evidence.sandbox.walls import up


def main() -> int:
    task: dict[str, Any] = json.loads(sys.argv[1])
    limits = Limits(**task["limits"])
    folder = Path.cwd()
    walls = up(limits, folder)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        _steps(task, limits, folder, walls)
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _steps(task: dict[str, Any], limits: Limits, folder: Path, walls: tuple[str, ...]) -> None:
    # Only now: the parsers are not even loaded outside of the walls.
    from simsa.web.entries.evidence.kinds import DOCUMENTS  # noqa: PLC0415
    from simsa.web.entries.evidence.looking import left_in_copy, look  # noqa: PLC0415
    from simsa.web.entries.evidence.previews import preview  # noqa: PLC0415

    data = sys.stdin.buffer.read(limits.size + 1)
    looked = look(data, limits, allow_zip=task["allow_zip"])
    said = {
        "walls": walls,
        "kind": looked.kind,
        "faults": [asdict(fault) for fault in looked.faults],
        "traces": [asdict(trace) for trace in looked.traces],
    }
    _write(folder / LOOKED, said)
    if looked.kind is None or looked.faults:
        return
    if task["blind"]:
        left = left_in_copy(looked, limits)
        (folder / COPY).write_bytes(looked.copy)
        _write(folder / CLEANED, {"left": left})
        if left:
            return
    # Libraries for office documents stumble over much that a copy lacks.
    of_copy = task["blind"] or looked.kind in DOCUMENTS
    shown = preview(looked.copy if of_copy else data, looked.kind, folder, limits)
    pages = [{"width": page.width, "height": page.height, "text": page.text} for page in shown.pages]
    _write(folder / SHOWN, {"notes": [asdict(note) for note in shown.notes], "pages": pages, "text": shown.text})


def _write(path: Path, said: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main())
