"""Entries and reviewers as a grid: how well they fit, who is assigned to whom, and who must not meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsa.tables.pictures.colours import ACCENT, INK, LIMIT, LINE, PAPER, SOFT
from simsa.tables.pictures.lettering import cut, text_width
from simsa.tables.pictures.marks import px, text_at
from simsa.tables.pictures.picture import WIDTH, Picture
from simsa.tables.words import fill

_LEVELS = 5
_CELL = 18.0
_LABEL = 90.0


@dataclass(frozen=True, eq=False)
class Matrix:
    """Names of the rows (entries) and columns (reviewers); each array (rows, columns): `affinity` (NaN: none), `chosen`
    and `barred` pairs. `of_rows`, `of_columns`: how many there are, of which these are a part."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    affinity: NDArray[np.float64]
    chosen: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    of_rows: int
    of_columns: int


def matrix_picture(matrix: Matrix, *, title: str, language: str = "ko", synthetic: bool = False) -> str:
    """Darker cells fit better, a dot is a pair that was chosen, hatching one that must not meet. With many columns it
    is wider than a phone, and is to be scrolled."""
    return _Grid(matrix, title, language, synthetic).svg()


class _Grid(Picture):
    def __init__(self, matrix: Matrix, title: str, language: str, synthetic: bool) -> None:
        super().__init__(title, language, synthetic, WIDTH)
        self.matrix = matrix

    def svg(self) -> str:
        rows, columns = self.matrix.affinity.shape
        self.left = min(max(map(text_width, self.matrix.rows), default=0.0) + 8, WIDTH * 0.4)
        self.wide = min(max((WIDTH - self.left) / max(columns, 1), _CELL), 2 * _CELL)
        self.right = self.left + columns * self.wide
        self.width = max(WIDTH, self.right)
        self.top = self.heads(self.legend(self.synthetic_mark(0)))
        self.cells()
        bottom = self.top + rows * _CELL
        for n, name in enumerate(self.matrix.rows):
            said = cut(name, self.left - 6, 12)
            self.add(text_at(0, self.top + n * _CELL + _CELL / 2 + 4, said, size=12))
        self.height = self.tail(bottom)
        return self.close(self.description())

    def legend(self, y: float) -> float:
        _ = self.texts.gettext
        x = 0.0
        for mark, said in (
            (self.tint(x, y + 4, 12, 12, _LEVELS), _("fits well")),
            (self.spot(6, y + 10, 3.2), _("assigned")),
            (f'<path d="{_hatch(0, y + 4, 12, 12)}" stroke="{LIMIT}" stroke-width="1.2"/>', _("must not meet")),
        ):
            self.add(f'<g transform="translate({px(x)} 0)">{mark}</g>', text_at(x + 17, y + 14, said, size=12))
            x += 17 + text_width(said, 12) + 16
        return y + 22

    def heads(self, y: float) -> float:
        """Names of the columns, upright."""
        tall = min(max((text_width(name, 12) for name in self.matrix.columns), default=0.0), _LABEL)
        for n, name in enumerate(self.matrix.columns):
            x = self.left + (n + 0.5) * self.wide + 4
            said = text_at(0, 0, cut(name, _LABEL, 12), size=12, fill=SOFT)
            self.add(f'<g transform="translate({px(x)} {px(y + tall + 4)}) rotate(-90)">{said}</g>')
        return y + tall + 10

    def cells(self) -> None:
        """One path for each shade, so that a large grid stays small."""
        level, matrix = self.levels(), self.matrix
        for shade in range(1, _LEVELS + 1):
            boxes = "".join(self.box(row, column) for row, column in np.argwhere(level == shade).tolist())
            if boxes:
                self.add(f'<path d="{boxes}" fill="{ACCENT}" fill-opacity="{px(0.08 + 0.5 * shade / _LEVELS)}"/>')
        lines = "".join(
            f"M{px(self.left)} {px(self.top + n * _CELL)}H{px(self.right)}" for n in range(len(matrix.rows) + 1)
        )
        self.add(f'<path d="{lines}" stroke="{LINE}" stroke-width=".6"/>')
        barred = "".join(_hatch(*self.corner(*at), self.wide, _CELL) for at in np.argwhere(matrix.barred).tolist())
        if barred:
            self.add(f'<path d="{barred}" stroke="{LIMIT}" stroke-width="1.2"/>')
        for row, column in np.argwhere(matrix.chosen).tolist():
            x, y = self.corner(row, column)
            self.add(self.spot(x + self.wide / 2, y + _CELL / 2, min(self.wide, _CELL) * 0.27))

    def levels(self) -> NDArray[np.int64]:
        """The shade of each cell, from 1 to the darkest; 0 where there is no affinity."""
        values = self.matrix.affinity
        there = ~np.isnan(values)
        if not there.any():
            return np.zeros(values.shape, np.int64)
        least, most = float(values[there].min()), float(values[there].max())
        share = np.where(there, values - least, 0.0) / (most - least if most > least else 1.0)
        return np.where(there, np.clip(np.ceil(share * _LEVELS), 1, None), 0).astype(np.int64)

    def corner(self, row: int, column: int) -> tuple[float, float]:
        return self.left + column * self.wide, self.top + row * _CELL

    def box(self, row: int, column: int) -> str:
        x, y = self.corner(row, column)
        return f"M{px(x)} {px(y)}h{px(self.wide)}v{px(_CELL)}h-{px(self.wide)}z"

    def tint(self, x: float, y: float, wide: float, tall: float, shade: int) -> str:
        return (
            f'<rect x="{px(x)}" y="{px(y)}" width="{px(wide)}" height="{px(tall)}" fill="{ACCENT}" '
            f'fill-opacity="{px(0.08 + 0.5 * shade / _LEVELS)}"/>'
        )

    def spot(self, x: float, y: float, radius: float) -> str:
        return f'<circle cx="{px(x)}" cy="{px(y)}" r="{px(radius)}" fill="{INK}" stroke="{PAPER}" stroke-width="1"/>'

    def tail(self, bottom: float) -> float:
        said = self.part()
        if said:
            self.add(text_at(0, bottom + 17, said, size=12, fill=SOFT))
        return bottom + (24 if said else 6)

    def part(self) -> str:
        """What of the whole is shown; empty where it is all."""
        _, matrix = self.texts.gettext, self.matrix
        if (matrix.of_rows, matrix.of_columns) == matrix.affinity.shape:
            return ""
        return fill(
            _("%(rows)d of %(of_rows)d entries and %(columns)d of %(of_columns)d reviewers"),
            rows=len(matrix.rows),
            of_rows=matrix.of_rows,
            columns=len(matrix.columns),
            of_columns=matrix.of_columns,
        )

    def description(self) -> str:
        _, matrix = self.texts.gettext, self.matrix
        said = fill(
            _("%(rows)d entries beside %(columns)d reviewers: %(chosen)d pairs assigned, %(barred)d must not meet."),
            rows=len(matrix.rows),
            columns=len(matrix.columns),
            chosen=int(matrix.chosen.sum()),
            barred=int(matrix.barred.sum()),
        )
        part = self.part()
        return f"{said} {part}" if part else said


def _hatch(x: float, y: float, wide: float, tall: float) -> str:
    """Two slanting lines across a cell."""
    return (
        f"M{px(x)} {px(y + tall * 0.55)}L{px(x + wide * 0.55)} {px(y)}"
        f"M{px(x + wide * 0.45)} {px(y + tall)}L{px(x + wide)} {px(y + tall * 0.45)}"
    )
