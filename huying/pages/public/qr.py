"""A QR code as the path of an SVG: drawn in the page itself, sharp in print, with nothing to fetch."""

from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

_QUIET = 4  # modules around it that stay white


@dataclass(frozen=True)
class Qr:
    """`size`: its modules in a row, the quiet ones included; `path`: the dark ones, for `d`."""

    size: int
    path: str


def qr_path(text: str) -> Qr:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    dark = ((x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    return Qr(len(rows), "".join(f"M{x} {y}h1v1h-1z" for x, y in dark))
