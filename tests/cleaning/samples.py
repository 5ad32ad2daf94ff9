"""Files as people send them: photos with a place, recordings with tags, papers, and what only pretends to be one."""

import io
import struct
import wave
import zlib
from collections.abc import Callable

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject, RectangleObject, StreamObject, TextStringObject

PLACE = (33.87, 115.78)  # that of the photo's GPS, which must never be stored
CAMERA = "InventedPhone 9"
HTML = b"<script>alert(1)</script>"


def photo(size: tuple[int, int] = (80, 60), kind: str = "JPEG", behind: bytes = b"", turned: int = 1) -> bytes:
    """Return a photo that is red at its left and blue at its right, with place, camera and a comment."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0110] = CAMERA
    exif[0x0112] = turned
    gps = exif.get_ifd(0x8825)
    gps.update({1: "N", 2: (PLACE[0], 0.0, 0.0), 3: "E", 4: (PLACE[1], 0.0, 0.0)})
    written = io.BytesIO()
    image.save(written, kind, exif=exif, **({"comment": "于 云川市 拍" + CAMERA} if kind == "JPEG" else {}))
    return written.getvalue() + behind


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of a few bytes that promises billions of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def wav(behind: bytes = b"") -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\1\2" * 800)
    content = written.getvalue()
    tag = b"LIST" + struct.pack("<I", 4 + 8 + 8) + b"INFO" + b"IART" + struct.pack("<I", 8) + b"Zheng Xh"
    return content + tag + behind


def amr(behind: bytes = b"") -> bytes:
    return b"#!AMR\n" + (b"\x3c" + b"s" * 31) * 50 + behind


def mp3(behind: bytes = b"") -> bytes:
    tag = b"TPE1" + struct.pack(">I", 12) + b"\0\0" + b"\0Zheng Xiaoh"
    frame = b"\xff\xfb\x90\x00" + b"s" * 413  # 128 kbit/s, 44.1 kHz: 417 bytes
    return b"ID3\x03\0\0" + bytes((0, 0, 0, len(tag))) + tag + frame * 40 + behind


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + name + body


def m4a(handler: bytes = b"soun", behind: bytes = b"") -> bytes:
    place = box(b"udta", box(b"\xa9xyz", b"+33.8700+115.7800/"))
    media = box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12)), box(b"minf", box(b"stbl", b"table")))
    return (
        box(b"ftyp", b"M4A \0\0\0\0M4A ")
        + box(b"moov", box(b"mvhd", bytes(100)), box(b"trak", media, place), place)
        + box(b"mdat", b"s" * 1000)
        + box(b"uuid", HTML)
        + behind
    )


def heic() -> bytes:
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(40)) + box(b"mdat", bytes(100))


def pdf(change: Callable[[PdfWriter], object] = lambda _writer: None, behind: bytes = b"") -> bytes:
    """Return a page with a photo on it, a script that runs on opening, and an attached file."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 100)
    shown = StreamObject()
    shown._data = photo()
    for name, value in (("/Subtype", "/Image"), ("/Filter", "/DCTDecode"), ("/ColorSpace", "/DeviceRGB")):
        shown[NameObject(name)] = NameObject(value)
    shown.update({NameObject("/Width"): NumberObject(80), NameObject("/Height"): NumberObject(60)})
    shown[NameObject("/BitsPerComponent")] = NumberObject(8)
    placed = writer._add_object(shown)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/Im0"): placed})}
    )
    page[NameObject("/CropBox")] = RectangleObject((0, 0, 150, 100))
    script = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    writer.add_attachment("run.exe", b"MZ" + b"x" * 50)
    writer.add_metadata({"/Author": "Zheng Xiaohe"})
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue() + behind
