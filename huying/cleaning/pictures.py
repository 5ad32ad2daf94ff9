"""Pictures: decoded and drawn anew as JPEG. Place, camera, comments, whatever else lay in the file, stay behind."""

from io import BytesIO
from math import sqrt

from PIL import Image, ImageOps, WebPImagePlugin

from .verdict import Clean, NotTaken, Unfit

# By content. Of several pictures in a file, as phones keep them behind a JPEG (MPO), and of a film the first is kept.
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", WebPImagePlugin.WebPImageFile.format)
# More isn't decoded: a few bytes can promise gigabytes. JPEG can be decoded small, so that large sensors fit.
_MOST = 25_000_000
_MOST_OF_JPEG = 65_000_000
_KEPT = 16_000_000  # pixels: a sheet of paper is legible, and so is a long screenshot
_QUALITY = 88

BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM")
Image.MAX_IMAGE_PIXELS = None  # the limits above hold instead, with words of their own


def is_picture(content: bytes) -> bool:
    return content.startswith(BEGINNINGS) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def drawn_anew(content: bytes) -> Clean:
    """Return the picture as it is seen, upright, as a plain JPEG. Raises NotTaken."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as found:
            pixels = found.width * found.height
            if pixels > (_MOST_OF_JPEG if found.format in ("JPEG", "MPO") else _MOST):
                raise NotTaken(Unfit.TOO_MANY_PIXELS)
            share = min(1.0, sqrt(_KEPT / pixels))
            size = (max(1, round(found.width * share)), max(1, round(found.height * share)))
            found.draft("RGB", size)
            return Clean(_written(found, size), "jpg")
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as broken:
        raise NotTaken(Unfit.BROKEN) from broken


def _written(found: Image.Image, size: tuple[int, int]) -> bytes:
    seen = _on_white(found.resize(size) if found.size != size else found)
    upright = ImageOps.exif_transpose(seen)
    fresh = Image.new("RGB", upright.size)  # with nothing of what the old one knew beside its pixels
    fresh.paste(upright)
    written = BytesIO()
    fresh.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def _on_white(found: Image.Image) -> Image.Image:
    if not found.has_transparency_data:
        return found.convert("RGB")
    seen = found.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    white.alpha_composite(seen)
    return white.convert("RGB")
