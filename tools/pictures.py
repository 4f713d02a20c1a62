"""Draw the pictures of the documentation anew: `python tools/pictures.py`.

What calibration does, on synthetic sheets: 40 entries, 8 reviewers of whom two are harsh and two are mild, three sheets
an entry. The ten best by the plain mean are drawn, with the quality that the sheets were drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from simsa.engine.calibration import Calibration, calibrate
from simsa.engine.simulation import uniform
from simsa.tables.intervals import plus_minus
from simsa.tables.pictures import text_width
from simsa.tables.pictures.axis import Axis
from simsa.tables.pictures.colours import ACCENT, EDGE, INK, LIMIT, LINE, PAPER, SOFT
from simsa.tables.pictures.marks import bar, dot, px, text_at
from simsa.tables.pictures.picture import Picture

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "how-to"
SEED, ENTRIES, EACH, SHOWN = "calibration", 40, 3, 10
SEVERITY = (9.0, 7.0, 0.0, 0.0, 0.0, 0.0, -7.0, -9.0)
QUALITY, NOISE = 6.0, 3.0

WORDS = {
    "en": {
        "title": "What calibration does",
        "mild": "mark of a mild reviewer",
        "harsh": "of a harsh one",
        "other": "of another",
        "mean": "mean of the marks",
        "calibrated": "calibrated, 95% interval",
        "truth": "true quality (known: the data are synthetic)",
        "entry": "Entry",
        "said": "Ten entries, best mean first. Where mild reviewers marked, the calibrated score lies below the mean; "
        "where harsh ones did, above. It is nearer to the true quality in {near} of 10.",
    },
    "ko": {
        "title": "보정이 하는 일",
        "mild": "관대한 위원의 점수",
        "harsh": "엄격한 위원",
        "other": "그 밖의 위원",
        "mean": "점수의 평균",
        "calibrated": "보정 점수, 95% 구간",
        "truth": "참값(가상 데이터이므로 알 수 있음)",
        "entry": "실적",
        "said": "평균이 높은 순으로 실적 10건. 관대한 위원이 채점한 실적은 보정 점수가 평균보다 낮고, 엄격한 위원이 "
        "채점한 실적은 높습니다. 10건 가운데 {near}건에서 보정 점수가 참값에 더 가깝습니다.",
    },
}


@dataclass(frozen=True)
class Round:
    """Sheets as arrays, the quality they were drawn from, and what calibration makes of them."""

    score: NDArray[np.float64]
    entrant: NDArray[np.int64]
    reviewer: NDArray[np.int64]
    quality: NDArray[np.float64]
    found: Calibration

    @property
    def mean(self) -> NDArray[np.float64]:
        return np.bincount(self.entrant, self.score) / EACH


def drawn() -> Round:
    reviewers = len(SEVERITY)
    places = uniform(SEED, "panel", ENTRIES * reviewers).reshape(ENTRIES, reviewers)
    reviewer = np.argsort(places, axis=1)[:, :EACH].ravel()
    entrant = np.repeat(np.arange(ENTRIES), EACH)
    quality = 70 + QUALITY * ndtri(uniform(SEED, "quality", ENTRIES))
    noise = NOISE * ndtri(uniform(SEED, "noise", len(entrant)))
    score = np.rint(quality[entrant] - np.array(SEVERITY)[reviewer] + noise)
    found = calibrate(score, entrant, reviewer, n_entrants=ENTRIES, n_reviewers=reviewers)
    return Round(score, entrant, reviewer, quality, found)


class Calibrating(Picture):
    """The marks of each entry, their mean, the calibrated score with its interval, and the true quality."""

    def __init__(self, data: Round, language: str) -> None:
        self.words = WORDS[language]
        super().__init__(self.words["title"], language, True, 600)
        self.data = data
        self.shown: Sequence[int] = np.argsort(-data.mean, kind="stable")[:SHOWN].tolist()

    def svg(self) -> str:
        left, y = 86.0, self.legend(self.synthetic_mark(6))
        data = self.data
        ends = [end for n in self.shown for end in self.interval(n)]
        marks = data.score[np.isin(data.entrant, self.shown)].tolist()
        axis = Axis([*ends, *marks, *data.quality[self.shown].tolist()], left, self.width - 14)
        top, at = y, len(self.marks)
        for place, n in enumerate(self.shown, 1):
            self.row(place, n, axis, y + 13)
            y += 26
        ticks = axis.ticks(6)
        lines = "".join(f"M{px(axis.x(tick))} {px(top)}V{px(y)}" for tick in ticks)
        self.marks.insert(at, f'<path d="{lines}" stroke="{LINE}"/>')
        self.add(*(text_at(axis.x(tick), y + 15, f"{tick:g}", size=12, fill=SOFT, anchor="middle") for tick in ticks))
        self.height = y + 24
        paper = f'<rect width="{px(self.width)}" height="{px(self.height)}" fill="{PAPER}"/>'
        self.marks.insert(0, paper)
        mean, score = data.mean[self.shown], data.found.score[self.shown]
        near = int((np.abs(score - data.quality[self.shown]) < np.abs(mean - data.quality[self.shown])).sum())
        return self.close(self.words["said"].format(near=near))

    def interval(self, n: int) -> tuple[float, float]:
        return plus_minus(float(self.data.found.score[n]), float(self.data.found.standard_error[n]))

    def legend(self, top: float) -> float:
        lines = (("mild", "harsh", "other"), ("mean", "calibrated"), ("truth",))
        for n, keys in enumerate(lines):
            x, y = 12.0, top + 14 + 19 * n
            for key in keys:
                self.add(self.sign(key, x + 10, y - 4), text_at(x + 26, y, self.words[key], size=12, fill=SOFT))
                x += 26 + text_width(self.words[key], 12) + 18
        return top + 19 * len(lines) + 8

    def sign(self, key: str, x: float, y: float) -> str:
        if key in ("mild", "harsh"):
            up, colour = (1, ACCENT) if key == "mild" else (-1, LIMIT)
            path = f"M{px(x - 4.5)} {px(y + 3.5 * up)}H{px(x + 4.5)}L{px(x)} {px(y - 4.5 * up)}Z"
            return f'<path d="{path}" fill="{colour}"/>'
        if key == "other":
            return f'<circle cx="{px(x)}" cy="{px(y)}" r="3" fill="none" stroke="{EDGE}" stroke-width="1.5"/>'
        if key == "mean":
            return f'<path d="M{px(x)} {px(y - 8)}v16" stroke="{INK}" stroke-width="2"/>'
        if key == "calibrated":
            return bar(x - 8, x + 8, y, EDGE) + dot(x, y, INK)
        return f'<path d="M{px(x)} {px(y - 6)}l5 6l-5 6l-5 -6Z" fill="none" stroke="{INK}" stroke-width="1.5"/>'

    def row(self, place: int, n: int, axis: Axis, y: float) -> None:
        data = self.data
        low, high = self.interval(n)
        self.add(text_at(12, y + 4.4, f"{self.words['entry']} {place}"))
        self.add(bar(axis.x(low), axis.x(high), y, EDGE))
        for sheet in np.flatnonzero(data.entrant == n).tolist():
            severity = SEVERITY[int(data.reviewer[sheet])]
            key = "harsh" if severity > 0 else "mild" if severity < 0 else "other"
            self.add(self.sign(key, axis.x(float(data.score[sheet])), y))
        self.add(self.sign("mean", axis.x(float(data.mean[n])), y))
        self.add(dot(axis.x(float(data.found.score[n])), y, INK))
        self.add(self.sign("truth", axis.x(float(data.quality[n])), y))


def pictures() -> dict[Path, str]:
    """Every picture by its file."""
    data = drawn()
    return {FOLDER / f"calibration-{language}.svg": Calibrating(data, language).svg() for language in WORDS}


if __name__ == "__main__":
    for file, svg in pictures().items():
        file.write_text(svg, encoding="utf-8")
        print(f"written: {file.relative_to(ROOT)}")
