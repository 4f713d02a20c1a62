"""A receipt as QR codes to print, to photograph and to read back, byte for byte, into the file that it was.

One code holds 2,953 bytes, more than most receipts have; a longer one is spread over several, which name their place in
the row (ISO/IEC 18004, structured append).
"""

from __future__ import annotations

import io

import segno

from .ballots import BallotReceipt
from .receipts import Receipt

MODULE = 0.5
"""Millimetres that one dot of the printed code is wide: a telephone reads it from 20 cm."""
_QUIET = 4  # dots around the code that stay white, as the standard asks
_DPI, _PIXELS = 300, 6  # of one dot: 0.508 mm
_LARGEST = 2953  # bytes in one code
_MOST = 16  # codes in a row


class PictureError(ValueError):
    """A receipt that no row of QR codes holds; the message says how long it is."""


def receipt_svgs(receipt: Receipt | BallotReceipt) -> list[bytes]:
    """One SVG picture for each code, measured in millimetres. PictureError if the receipt is too long."""
    return [_saved(code, "svg", scale=MODULE, unit="mm", xmldecl=False) for code in _codes(bytes(receipt))]


def receipt_pngs(receipt: Receipt | BallotReceipt) -> list[bytes]:
    """The same as PNG, to be printed at 300 dots per inch."""
    return [_saved(code, "png", scale=_PIXELS, dpi=_DPI) for code in _codes(bytes(receipt))]


def _codes(data: bytes) -> list[segno.QRCode]:
    if len(data) <= _LARGEST:
        return [segno.make_qr(data, error="l", mode="byte")]
    if len(data) > _MOST * (_LARGEST - 3):
        raise PictureError(f"the receipt has {len(data):,} bytes, too many for QR codes; keep it as a file")
    return list(segno.make_sequence(data, error="l", mode="byte", symbol_count=-(-len(data) // (_LARGEST - 3))))


def _saved(code: segno.QRCode, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    code.save(out, kind=kind, border=_QUIET, **options)
    return out.getvalue()
