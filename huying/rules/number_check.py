"""What a pasted message wants called or opened: its phone numbers, WeChat IDs, addresses and links, in order."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .masking import READING

MOST = 2_000  # characters of a text that are read; an SMS has no more than a few hundred
# What anybody in the country dials in need; no city publishes them, and nobody should beware of them.
NATIONAL = frozenset({"110", "119", "120", "122", "12110", "12345", "96110"})


class What(StrEnum):
    """What kind of contact it is."""

    LINK = "link"
    EMAIL = "email"
    WECHAT = "wechat"
    QQ = "qq"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Picked:
    """One contact as it was written, and what it is compared by: of a phone the digits alone."""

    what: What
    written: str
    value: str


_ENDINGS = (
    "com|cn|net|org|gov|top|xyz|cc|vip|info|club|me|ink|icu|shop|site|online|store|app|link|live|fun|tech|pro|work|win|"
    "ltd|biz|wang|ren|tk|io|co|hk|in|ru|tw|mo|jp|us|uk|de|fr|eu|ly|gl|gd|gg|to|at|la|so|im|page|cloud|world|mobi|asia"
)
_REST = r"[a-z0-9._~:/?#@%&+=-]*"
# After its scheme a link goes on to the next space or Chinese sign of a sentence: a name may be Chinese itself.
_LINK = rf"https?://[^\s,;!()，。；、！？：（）【】《》“”<>\"']+|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_ENDINGS})(?![\w-])(?:[:/]{_REST})?"
_EMAIL = r"(?<![\w.+-])[a-z0-9._+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,20}"
# Without a sign between them a plain word behind the cue is no ID: "WeChat official account". 加V says enough.
_CUE = r"(?:[微薇威徽v]信|(?<![\w])(?:wechat|weixin|wx|vx))(?:同?号码?|[账帐]号| ?id| account)?"
_SIGN = r" {0,3}[:=是为] {0,3}"
_ADD = rf"(?:加|\+)我?(?:[vw]x|[微薇威徽]信?|v(?!x)信?)(?:同?号)?(?:{_SIGN}| {{0,3}})|(?<!\w)[微薇威徽v]{_SIGN}"
_SURE = r"(?<![\w])(?:weixin|wx|vx) {1,3}"  # no English word follows these
_WECHAT = rf"(?:{_CUE}(?:{_SIGN}| {{0,3}}(?=[a-z]*[0-9_-]))|{_SURE}|{_ADD})(?P<id>[a-z][\w-]{{5,19}})(?![\w-])"
_WXID = r"(?<!\w)wxid_\w{6,20}"
# Without a cue: letters that end in digits, or are joined by a line, as no sentence has them: fakemayor99.
_BARE = r"(?<![\w./@-])(?P<bare>(?=[a-z]{3,19}[0-9_]|[a-z]{1,2}_[a-z])[a-z]\w{5,19})(?![\w@/-]|\.\w)"

_QQ = rf"(?<![a-z])(?:qq|加q|q(?=号)|扣扣|企鹅)群?(?:号码?)?(?:{_SIGN}| {{0,3}})(?P<qq>[1-9]\d{{4,10}})(?!\d)"

_GAP = r"[ .-]{0,2}"
_CHINA = rf"\(?(?:\+|00)86\)?{_GAP}"
_LOCAL = rf"[2-8]\d{{2,3}}{_GAP}\d{{4}}"
_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)"
# 13900000001, 0500-555 0199, 400 800 1234, +852 …; a sender of many messages (106…), 10086, 95533, 12345, 110.
_PHONE = "|".join(
    (
        rf"(?:{_CHINA}|86{_GAP})?1[3-9](?:[ .,-]{{0,2}}\d){{9}}",
        rf"(?:{_CHINA})?\(?0[1-9]\d{{1,2}}\)?{_GAP}{_LOCAL}",
        rf"{_CHINA}[1-9]\d{{1,2}}{_GAP}{_LOCAL}",
        rf"(?:{_CHINA})?[48]00(?:{_GAP}\d){{7}}",
        r"(?:\+|00)(?!86)[1-9](?:[ -]{0,2}\d){7,14}",
        rf"(?!{_DAY})[2-8]\d{{6,7}}",
        r"106(?:[ .-]?\d){5,17}|100\d\d|12\d{3}|9[56]\d{3}(?:\d{3})?|1(?:1\d|2[02])",
    )
)
# Nor is a sum, a count or a house number one: 110元, 120平米, 第119号.
_NO_COUNT = r"(?!\d|\.\d| ?[元块万亿户人个次分天平米年月日号楼室栋岁度%])"
_ANY = re.compile(
    rf"(?P<email>{_EMAIL})|(?P<link>{_LINK})|(?P<wxid>{_WXID})|{_WECHAT}|{_BARE}|{_QQ}|(?<![\d第])(?P<phone>{_PHONE}){_NO_COUNT}",
    re.IGNORECASE | re.ASCII,
)
_KINDS = {
    "email": What.EMAIL,
    "link": What.LINK,
    "id": What.WECHAT,
    "bare": What.WECHAT,
    "qq": What.QQ,
    "wxid": What.WECHAT,
    "phone": What.PHONE,
}
# A text that is nothing but a number, or an ID, is one, whatever it looks like: somebody wants to know about it.
_ALONE = re.compile(r"[+(]{0,2}\d(?:[ ().-]{0,3}\d){2,19}", re.ASCII)
_ALONE_ID = re.compile(r"[a-z][\w-]{5,19}", re.ASCII | re.IGNORECASE)
# Digits that belong together, whatever stands between them; and what stands among them without belonging there: a
# time, a day, the place in a list.
_RUN = re.compile(r"[+(]{0,2}\d(?:[ ().·/-]{0,4}\d)*", re.ASCII)
_ASIDE = re.compile(
    r"\d{1,2}:\d\d|(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}|(?m:^ *\d{1,2}[.)] +)|\d+ ?[元块万]"
    r"|(?<!\d)\d{1,4}(?= ?(?:[时点小个分秒月日号天年周次人层楼室栋岁度期]|h\b))|(?<=[第室楼号栋幢弄])\d{1,5}(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_BARE_LOCAL = re.compile(r"[2-8]\d{6,7}", re.ASCII)
_AREA = re.compile(r"(?<!\d)0\d{2,3}[^\w\u4e00-\u9fff]{1,6}$", re.ASCII)
# Digits as words, and letters for some of them, as filters are to overlook them.
_WORDS, _FIGURES = "零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖⓪①②③④⑤⑥⑦⑧⑨", "00123456789121234567890123456789"
_SPELLED = re.compile(f"[{_WORDS}](?:[ -]?[{_WORDS}]){{6,}}")
_AS_DIGITS = str.maketrans(_WORDS, _FIGURES)
_LETTER = re.compile(r"(?<=\d)[oO]+(?=[\d-])|(?<=[- ])[oO](?=\d{2})|(?<![A-Za-z\d])[lI](?=[3-9]\d)")
_ABROAD = re.compile(r"\(?(?:\+|00)(?!86)")


def picked(text: str) -> list[Picked]:
    """Return the contacts in a text, each once, in their order, of its first two thousand characters.

    Sums, dates and codes of six digits are none. Full-width digits, spaces, dashes and +86 don't matter. A number
    that has more digits before or behind it is that longer one: what is published stands in no other number.
    """
    reading = _SPELLED.sub(lambda run: run[0].translate(_AS_DIGITS), text[:MOST].translate(READING))
    reading = _LETTER.sub(lambda letters: re.sub("[oO]", "0", re.sub("[lI]", "1", letters[0])), reading)
    found = list(_found(reading))
    alone = reading.strip()
    if not found and _ALONE.fullmatch(alone):
        found = [_one(What.PHONE, alone)]
    elif not found and _ALONE_ID.fullmatch(alone):
        found = [_one(What.WECHAT, alone)]
    return list({(one.what, one.value): one for one in reversed(found)}.values())[::-1]


def _found(reading: str) -> Iterator[Picked]:
    matches = list(_ANY.finditer(reading))
    longer = list(_longer(reading, [match.span() for match in matches if match.lastgroup == "phone"]))
    for match in matches:
        name = match.lastgroup or ""
        whole = next((one for one in longer if one[0] < match.end() and match.start() < one[1]), None)
        if whole is None or name != "phone":
            yield _one(_KINDS[name], match[name])
        else:
            yield _one(What.PHONE, reading[slice(*whole)].strip())


def _longer(reading: str, phones: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield from where to where digits are more than the phones in them."""
    plain = _ASIDE.sub(lambda aside: "~" * len(aside[0]), reading)
    for run in _RUN.finditer(plain):
        begin, end = run.span()
        within = [phone for phone in phones if phone[0] < end and begin < phone[1]]
        if not within:
            continue
        told = {place for phone in within for place in range(*phone)}
        # A number without its area code is one only where it stands alone.
        local = [phone for phone in within if _BARE_LOCAL.fullmatch(reading[slice(*phone)])]
        area = _AREA.search(reading, max(0, begin - 10), begin) if local and local[0][0] == begin else None
        if area is not None:
            yield area.start(), end
        elif (local and len(within) > 1) or any(reading[n].isdigit() for n in range(begin, end) if n not in told):
            yield begin, end


def phones_in(text: str) -> Iterator[re.Match[str]]:
    """Yield where a text of ours names a phone; it is read as it stands."""
    return (match for match in _ANY.finditer(text[:MOST]) if match.lastgroup == "phone")


def _one(what: What, written: str) -> Picked:
    bare = written.rstrip(".:?")
    return Picked(what, bare, digits_of(bare) if what is What.PHONE else bare.casefold())


def digits_of(number: str) -> str:
    """Return the digits of a number as it is dialled within the country: +86 139 0000 0001 → 13900000001.

    +86 500 5550199 leaves out the 0 of the area code, which is put back.
    """
    written = unicodedata.normalize("NFKC", number).strip()
    digits = re.sub(r"\D", "", written)
    if _ABROAD.match(written):
        return digits
    home = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$|0\d{9,11}$|[1-9]\d{8,10}$)", "", digits)
    return f"0{home}" if home != digits and re.fullmatch(r"(?!1[3-9]|[48]00)[1-9]\d{8,10}", home) else home


def is_same_number(published: str, asked: str) -> bool:
    """Return whether two numbers, in digits, are one: a landline may be written without its area code."""
    if published == asked:
        return True
    longer, shorter = sorted((published, asked), key=len, reverse=True)
    return longer.startswith("0") and len(shorter) in (7, 8) and longer.endswith(shorter)
