"""Recordings: the frames of sound are copied, tags, pictures and anything before, between or behind them are not.

Nothing is decoded, so a long recording costs no more than a short one, and it sounds as it did.
"""

from collections.abc import Callable, Iterator

from .verdict import Clean, NotTaken, Unfit

# A frame of AMR, without its first byte, by the mode in that byte.
_AMR = {b"#!AMR\n": (12, 13, 15, 17, 19, 20, 26, 31, 5), b"#!AMR-WB\n": (17, 23, 32, 36, 40, 46, 50, 58, 60, 5)}
_NO_SOUND = 15  # a mode of AMR: a frame of its first byte alone
# MPEG audio layer III: kbit/s and samples per second, by version 1 and 2 (2.5 has half the rate of 2).
_KBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
)
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MOSTLY = 0.9  # a file of which less than this is sound isn't a recording

_BOXES = {b"ftyp", b"moov", b"mdat"}  # of MPEG-4, those that a recording needs
_WITHIN = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf"}
_ASIDE = {b"udta", b"meta", b"uuid", b"free", b"skip"}


def sound(content: bytes) -> Clean | None:
    """Return the recording without anything beside it; None if it is none that is known. Raises NotTaken."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return Clean(_wav(content), "wav")
    for beginning in _AMR:
        if content.startswith(beginning):
            return Clean(_amr(content, beginning), "amr")
    if content[4:8] == b"ftyp":
        return Clean(_mpeg4(content), "m4a")
    if content.startswith(b"ID3") or _mp3_frame(content, 0):
        return Clean(_mp3(content), "mp3")
    return None


def _wav(content: bytes) -> bytes:
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        found.setdefault(name, content[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    if not found.get(b"fmt ") or not found.get(b"data"):
        raise NotTaken(Unfit.BROKEN)
    kept = b"".join(
        name + len(found[name]).to_bytes(4, "little") + found[name] + b"\0" * (len(found[name]) % 2)
        for name in (b"fmt ", b"data")
    )
    return b"RIFF" + (4 + len(kept)).to_bytes(4, "little") + b"WAVE" + kept


def _amr(content: bytes, beginning: bytes) -> bytes:
    sizes = _AMR[beginning]

    def length(at: int) -> int:
        mode = content[at] >> 3 & 0x0F
        return 1 + sizes[mode] if mode < len(sizes) else int(mode == _NO_SOUND)

    return beginning + _frames(content, len(beginning), length)


def _mp3(content: bytes) -> bytes:
    at = 0
    while content[at : at + 3] == b"ID3" and len(content) > at + 10:
        size = sum(byte << 7 * place for place, byte in enumerate(reversed(content[at + 6 : at + 10])))
        at += 10 + size + (10 if content[at + 5] & 0x10 else 0)
    end = len(content) - (128 if content[-128:-125] == b"TAG" else 0)
    return _frames(content[:end].rstrip(b"\0"), at, lambda place: _mp3_frame(content, place))


def _mp3_frame(content: bytes, at: int) -> int:
    """Return the length of the frame that begins here, 0 if none does."""
    head = int.from_bytes(content[at : at + 4], "big")
    version, layer, kbits, rate = head >> 19 & 3, head >> 17 & 3, head >> 12 & 15, head >> 10 & 3
    if head >> 21 != 0x7FF or layer != 1 or version not in _RATES or rate == 3:
        return 0
    bits = _KBITS[version != 3][kbits] * 1000
    return (144 if version == 3 else 72) * bits // _RATES[version][rate] + (head >> 9 & 1) if bits else 0


def _frames(content: bytes, begin: int, length: Callable[[int], int]) -> bytes:
    """Return the frames that follow one another from `begin` on; they must be most of the file."""
    at = begin
    while at < len(content) and (size := length(at)) and at + size <= len(content):
        at += size
    if at == begin or at - begin < _MOSTLY * (len(content) - begin):
        raise NotTaken(Unfit.BROKEN)
    return content[begin:at]


def _mpeg4(content: bytes) -> bytes:
    """Blank what isn't sound in its place: where each piece of sound begins is written in the file by number."""
    kept = bytearray(content)
    end, seen = 0, set()
    for name, at, body, after in _boxes(content, 0, len(content)):
        end = after
        seen.add(name)
        if name == b"moov":
            _blank_within(kept, body, after)
        elif name not in _BOXES:
            _blank(kept, at, body, after)
    if not seen >= _BOXES:
        is_heic = content[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heif")
        raise NotTaken(Unfit.HEIC if is_heic else Unfit.BROKEN)
    return bytes(kept[:end])


def _blank_within(kept: bytearray, begin: int, end: int) -> None:
    for name, at, body, after in list(_boxes(kept, begin, end)):
        if name in _ASIDE:
            _blank(kept, at, body, after)
        elif name in _WITHIN:
            _blank_within(kept, body, after)
        elif name == b"hdlr" and kept[body + 8 : body + 12] == b"vide":
            raise NotTaken(Unfit.VIDEO)


def _blank(kept: bytearray, at: int, body: int, after: int) -> None:
    kept[at + 4 : at + 8] = b"free"
    kept[body:after] = bytes(after - body)


def _boxes(content: bytes | bytearray, at: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield name, beginning, beginning of the body, and end of each box; what isn't one ends them."""
    while at + 8 <= end:
        size, body = int.from_bytes(content[at : at + 4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(content[at + 8 : at + 16], "big"), at + 16
        elif size == 0:
            size = end - at
        if size < body - at or at + size > end:
            return
        yield bytes(content[at + 4 : at + 8]), at, body, at + size
        at += size
