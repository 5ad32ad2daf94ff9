"""PDF: its pages are written into a new one, without scripts, links, attached files, and what their maker noted.

Photos within lose what their camera wrote into them. What would be lost with a form or with notes is not taken.
"""

from io import BytesIO
from itertools import pairwise
from typing import Any

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from .verdict import Clean, NotTaken, Unfit

BEGINNING = b"%PDF-"
_OF_A_PAGE = {"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit"}
_UNWANTED = {"/Metadata", "/PieceInfo", "/AA", "/A", "/JS", "/AF", "/EF", "/OPI", "/Alternates", "/Thumb"}
_SEEN_AS_JPEG = {0xE0, 0xEE}  # of the application segments, those that say how colours are meant


def rewritten(content: bytes) -> Clean:
    """Return the pages in a document of their own. Raises NotTaken."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted:
            raise NotTaken(Unfit.LOCKED)
        writer = PdfWriter()
        writer.metadata = None
        for page in reader.pages:
            _keep_what_is_seen(page)
            writer.add_page(page)
        written = BytesIO()
        writer.write(written)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as broken:
        raise NotTaken(Unfit.BROKEN) from broken
    if not writer.pages:
        raise NotTaken(Unfit.BROKEN)
    return Clean(written.getvalue(), "pdf")


def _keep_what_is_seen(page: PageObject) -> None:
    if any(note.get_object()["/Subtype"] != "/Link" for note in page.annotations or ()):
        raise NotTaken(Unfit.FILLED)
    for name in set(page) - _OF_A_PAGE:
        del page[name]
    seen: set[int] = set()
    rest: list[Any] = [value for name, value in page.items() if name != "/Parent"]
    while rest:
        one = rest.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            for name in _UNWANTED & set(one):
                del one[name]
            if isinstance(one, StreamObject) and one.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
                one._data = _without_notes(one._data)
            rest.extend(one.values())
        elif isinstance(one, ArrayObject):
            rest.extend(one)


def _without_notes(jpeg: bytes) -> bytes:
    """Return a JPEG without comments and what its camera wrote; the pixels stay as they were pressed."""
    cuts, at = [2], 2
    while jpeg[at : at + 1] == b"\xff" and at + 4 <= len(jpeg) and jpeg[at + 1] != 0xDA:
        cuts.append(at := at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big"))
    kept = [jpeg[:2]]
    for begin, end in pairwise(cuts):
        kind = jpeg[begin + 1]
        if kind in _SEEN_AS_JPEG or not (0xE0 <= kind <= 0xEF or kind == 0xFE):
            kept.append(jpeg[begin:end])
    return b"".join((*kept, jpeg[at:]))
