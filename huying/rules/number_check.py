"""What a pasted message wants called or opened: its phone numbers, WeChat IDs, addresses and links, in order."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .masking import PROVINCES, READING

MOST = 2_000  # characters of a text that are read; an SMS has no more than a few hundred
# What anybody in the country dials in need; no city publishes them, and nobody should beware of them.
NATIONAL = frozenset({"110", "119", "120", "122", "12110", "12345", "96110"})


class What(StrEnum):
    """What kind of contact it is."""

    LINK = "link"
    EMAIL = "email"
    WECHAT = "wechat"
    QQ = "qq"
    HANDLE = "handle"  # an account of any other network
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
_DOT = r"(?:\[\.\]|[.。])"  # browsers read a Chinese full stop as a dot
# After its scheme a link goes on to the next space or Chinese sign of a sentence: a name may be Chinese itself.
_LINK = (
    r"(?<![a-z])[a-z][a-z0-9+.-]{1,15}://[^\s,;!()，。；、！？：（）【】《》“”<>\"']+"
    rf"|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}{_DOT}){{1,5}}(?:{_ENDINGS})(?![\w-])(?:[:/]{_REST})?"
)
# A Chinese name begins where its run of characters does, or behind words that send people there: 请登录市长信箱.cn. A
# sentence may go on with 中国 behind its dot, so that such an ending stands alone or behind one of those words.
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_SENT = "登录|访问|打开|点击|进入|输入|搜索|网址|官网|网站|链接|域名"
_BEHIND_SENT = "|".join(f"(?<={word})" for word in _SENT.split("|"))
_HAN_ENDINGS = "中国|公司|网络|网址|网站|在线|中文网|集团|商城|商店|网店|政务|公益|机构|手机|移动|信息|香港|广东|佛山"
_HAN_LABEL = rf"(?:(?!{_SENT})[{_HAN}])+"
_MORE_LABELS = rf"(?:\.[a-z0-9{_HAN}-]{{1,63}}){{0,4}}"
_WITH_WWW = rf"(?<![\w@.-])[a-z][a-z0-9-]{{0,62}}\.{_HAN_LABEL}"
_HAN_NAME = rf"(?:{_WITH_WWW}|(?:(?<![{_HAN}])|{_BEHIND_SENT}){_HAN_LABEL}){_MORE_LABELS}"
_HAN_LINK = (
    rf"(?:{_HAN_NAME}\.(?:(?:{_ENDINGS})(?![\w-])|(?:{_HAN_ENDINGS})(?![\w{_HAN}-]))"
    rf"|(?:{_WITH_WWW}|(?:{_BEHIND_SENT}) {{0,2}}{_HAN_LABEL}){_MORE_LABELS}\.(?:{_HAN_ENDINGS})"
    rf"|{_HAN_NAME}(?:\[\.\]|。)(?:com|cn|net|org|gov|top|xyz|cc|vip)(?![\w-]))(?:[:/]{_REST})?"
)
_EMAIL = r"(?<![\w.+-])[a-z0-9._+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,20}"
# Without a sign between them a plain word behind the cue is no ID: "WeChat official account". 加V says enough, and so
# does 微信 before one word that no program runs on.
_CUE = r"(?:[微薇威徽v]信|(?<![\w])(?:we ?chat|wei ?xin|wx|vx))(?:同?号码?|[账帐]号| ?id| account)?"
_NO_ID = r"(?!(?:android|iphone|ipad|windows|linux|wechat|weixin|https?)|\w++(?: [a-z]|[版端]))"
_HAN_CUE = rf"[微薇威徽v]信(?:同?号码?|[账帐]号)? {{0,3}}{_NO_ID}"
_SIGN = r" {0,3}[:=是为] {0,3}"
_ADD = rf"(?:加|\+)我?(?:[vw]x|[微薇威徽]信?|v(?!x)信?)(?:同?号)?(?:{_SIGN}| {{0,3}})|(?<!\w)[微薇威徽v]{_SIGN}"
_SURE = r"(?<![\w])(?:wei ?xin|wx|vx) {1,3}"  # no English word follows these
_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)"
# Nor is a short figure one that is a sum, a count or a house number: 110元, 120平米, 12345条, 第119号.
# 人工, 分机 and the like count nothing.
_MONEY = r" ?(?:元(?![旦宵])|[块万亿])"
_UNIT = (
    rf"{_MONEY}| ?(?:[户个条次天米月楼室栋岁度%]|人(?![工社]|民(?!币))|分(?![机局]|中心)|平(?!台)|号(?![码线])"
    r"|日(?![常夜均])|年|路(?![灯政况面桥由过]))"
)
_NO_COUNT = rf"(?!\d|\.\d|(?:,\d{{3}})+(?:\.\d|{_MONEY})|{_UNIT})"
# Behind a cue mere digits are an ID as well, unless they are a day or a phone, which is found as such.
_DIGITS_ID = rf"(?!{_DAY}|(?:1[3-9]\d{{9}}|0\d{{9,11}}|[48]00\d{{7}}|[2-8]\d{{6,7}})(?!\d))\d{{6,20}}{_NO_COUNT}"
_ID = rf"(?P<id>[a-z][\w-]{{5,19}}|{_DIGITS_ID})(?![\w-])"
_WECHAT = rf"(?:{_CUE}(?:{_SIGN}| {{0,3}}(?=[a-z]*[0-9_-]))|{_HAN_CUE}|{_SURE}|{_ADD}){_ID}"
_WXID = r"(?<!\w)wxid_\w{6,20}"
# Standards, products and rooms look alike: ISO9001, iPhone15, Mate60Pro, room1203; versions too: Windows11, Word2019.
_MODEL = (
    r"(?-i:[A-Z]{2,4}\d{1,5}|[a-z][A-Z][a-z]+\d{1,3}(?:[A-Z][a-z]*)*|[A-Z][a-z]+\d{1,3}(?:[A-Z][a-z]*)+)(?!\w)"
    r"|(?:room|rm|flat|unit|floor|block|building)\d{1,4}(?!\w)"
)
_VERSION = r"(?-i:[A-Z][a-z]+(?:\d{1,2}|20\d\d))(?!\w)"
_ADDED = r"(?<=[加系])|(?<=[加系][ :我])|(?<=[账帐新]号)|(?<=[账帐新]号[ :])"  # 加, 联系, 新号
# Without a cue: letters that end in digits, or are joined by a line, as no sentence has them: fakemayor99.
_BARE = (
    rf"(?<![\w./@-])(?P<bare>(?=[a-z]{{3,19}}[0-9_]|[a-z]{{1,2}}_[a-z])(?:{_ADDED}|(?!{_MODEL}|{_VERSION}))"
    r"(?!(?:tel|call|dial|phone)\d)[a-z]\w{5,19})(?![\w@/-]|\.\w)"
)
_HANDLE = (
    r"(?:(?<![\w.@-])|(?<=tg))@(?P<handle>[a-z]\w{4,31})(?![\w@]|\.\w)"
    rf"|(?:电报|纸?飞机号|纸飞机|(?<![a-z])(?:telegram|tg))(?:群|号)?(?:{_SIGN}| {{0,3}}(?=[a-z]*[0-9_]))"
    r"(?P<account>[a-z]\w{4,31})(?![\w-])"
)

_QQ_CUE = rf"(?<![a-z])(?:q ?q|加q|q(?=号|{_SIGN}\d{{6}})|扣扣|叩叩|球球|秋秋|丘丘|企鹅)群?(?:号码?)?"
_QQ = rf"{_QQ_CUE}(?:{_SIGN}| {{0,3}})(?P<qq>[1-9]\d{{4,10}})(?!\d)"

_JOINS = r" .·•*/_~\-"  # what stands between the digits of one number
_GAP = rf"[{_JOINS}]{{0,2}}"
_CHINA = rf"\(?(?:\+|00)86\)?{_GAP}"
_LOCAL = rf"[2-8]\d{{2,3}}{_GAP}\d{{4}}"
_ANY_SIGN = r"[^0-9a-z\t\n\r;:、\u3003-\u9fff]"
# A whole number is one whatever word follows it. Two kinds of sums have eleven digits too: in groups of thousands,
# and from one to another.
_SUM = rf"\d{{1,3}}(?:,\d{{3}}){{2,}}(?:\.\d{{1,2}}(?!\d)|{_MONEY})|\d{{4,5}}[-~]\d{{6,7}}(?:{_UNIT})"
# 13900000001, 0500-555 0199, 400 800 1234; a sender of many messages (106…).
_WHOLE = "|".join(
    (
        rf"(?!{_SUM})(?:{_CHINA}|86{_GAP})?1[3-9](?:[{_JOINS},]{{0,2}}\d){{9}}",
        rf"1[3-9]\d{_ANY_SIGN}{{1,3}}\d{{4}}{_ANY_SIGN}{{1,3}}\d{{4}}",
        rf"1(?P<sign>{_ANY_SIGN})[3-9](?:(?P=sign)\d){{9}}",
        rf"(?:{_CHINA})?\(?0[1-9]\d{{1,2}}\)?{_GAP}{_LOCAL}",
        r"\(?0[1-9]\d{1,2}[) -]{1,2}(?:12|9[56])\d{3}",  # 0500-12345
        r"\(?0[1-9]\d{1,2}[) -]{1,2}[2-8]\d{8,11}",  # too long for any
        rf"{_CHINA}[1-9]\d{{1,2}}{_GAP}{_LOCAL}",
        rf"(?:{_CHINA})?[48]00(?:{_GAP}\d){{7}}",
        r"106(?:[ .-]?\d){8,17}",
    )
)
_FOREIGN = r"(?:\+|00)(?!86)[1-9](?:[ -]{0,2}\d){7,14}"
_BARE_LOCAL = rf"(?!{_DAY})[2-8]\d{{6,7}}"
# 10086, 12345, 95533, 110: also figures and what plates have, unless somebody is to dial them.
_SERVICE = r"106(?:[ .-]?\d){5,7}|100\d\d|12\d{3}|9[56]\d{3}(?:\d{3})?|1(?:1\d|2[02])"
_DIALLED = r"(?:(?<=[打拨])|(?<=[打拨][ :通至])|(?<=热线|客服)|(?<=热线[ :]|客服[ :]))"
_IN_A_CODE = rf"(?<=[a-z])(?<!tel)(?<!call)(?<!dial)|(?<=[{PROVINCES}][a-z][ ·•.-])"
_CHANGE = r"[涨跌升降增减加少高低]"
_ROUND = r"\d\d000(?!\d)"
_CHANGES = rf"(?:{_CHANGE}|提高)?[到至] ?\d"
_UNDIALLED = rf"(?!{_IN_A_CODE}|{_ROUND})(?<!{_CHANGE}[到至])(?:{_SERVICE})(?!{_CHANGES}){_NO_COUNT}"
_PHONE = "|".join(
    (
        rf"(?:{_WHOLE})(?!\d)",
        rf"(?:{_FOREIGN}|{_DIALLED}{_BARE_LOCAL})(?!\d|\.\d|{_MONEY})",
        rf"{_BARE_LOCAL}{_NO_COUNT}",
        rf"{_DIALLED}(?:{_SERVICE})(?!\d|\.\d)",
        _UNDIALLED,
    )
)
_ONE_PHONE = rf"(?<![\d第])(?P<phone>{_PHONE})"
_PHONES = re.compile(_ONE_PHONE, re.IGNORECASE | re.ASCII)
_ANY = re.compile(
    rf"(?P<email>{_EMAIL})|(?P<link>{_LINK}|{_HAN_LINK})|(?P<wxid>{_WXID})|{_WECHAT}|{_BARE}|{_HANDLE}|{_QQ}|{_ONE_PHONE}",
    re.IGNORECASE | re.ASCII,
)
_KINDS = {
    "email": What.EMAIL,
    "link": What.LINK,
    "id": What.WECHAT,
    "bare": What.WECHAT,
    "qq": What.QQ,
    "wxid": What.WECHAT,
    "handle": What.HANDLE,
    "account": What.HANDLE,
    "phone": What.PHONE,
}
# A text that is nothing but a number, or an ID, is one, whatever it looks like: somebody wants to know about it.
_ALONE = {
    What.PHONE: re.compile(r"[+(]{0,2}\d(?:[ ().-]{0,3}\d){2,19}", re.ASCII),
    What.WECHAT: re.compile(rf"(?!{_MODEL})[a-z][\w-]{{5,19}}", re.ASCII | re.IGNORECASE),
}
# Digits that belong together, whatever stands between them; and what stands among them without belonging there: a
# time, a day, the place in a list, the number of a case.
_RUN = re.compile(rf"[+(]{{0,2}}\d(?:[(){_JOINS}]{{0,4}}\d)*", re.ASCII)
_ASIDE = re.compile(
    r"\d{1,2}:\d\d|(?<![\d-])(?:19|20)\d\d ?[-~至到] ?(?:19|20)\d\d(?![\d-])"
    r"|(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}|\d+ ?[元块万]"
    r"|(?m:^|(?<=\d{4}) ) *\(?\d{1,2}[.)] *(?=[+(\d])|(?<!\d)\d{1,2}(?=、)"
    r"|(?<![a-z])[a-z]{1,8}-?20\d\d-?\d{1,6}(?!\d)"
    r"|(?<!\d)(?:\d{1,2} ?[-~至到] ?)?\d{1,4}(?= ?(?:[时点小个分秒月日号天年周次人层楼室栋岁度期]|h\b))"
    r"|(?<=[第室楼号栋幢弄])\d{1,5}(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_BEHIND = re.compile(r"-\d{1,4}(?![\d-])| ?/", re.ASCII)  # an extension; another number instead
_LOCAL_ALONE = re.compile(r"[2-8]\d{6,7}", re.ASCII)
_AREA = re.compile(r"(?<!\d)0\d{2,3}[^\w\u4e00-\u9fff]{1,6}$", re.ASCII)
# Digits as words or within circles, and letters for some of them, as filters are to overlook them.
_MARKS = "".join(sign for sign in map(chr, range(0x2800)) if sign.isdigit() and not sign.isdecimal())
_WORDS = f"零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖{_MARKS}"
_AS_DIGITS = str.maketrans(
    _WORDS, "0012345678912123456789" + "".join(str(unicodedata.digit(sign)) for sign in _MARKS)
)
_SPELLED = re.compile(f"[{_WORDS}](?:[ -]?[{_WORDS}]){{6,}}")
_WORD = re.compile(f"(?<![周期拜第之])[{_WORDS}]")  # 周一 is no digit
_LETTER = re.compile(r"(?<=\d)[oO]+(?=[\d-])|(?<=[- ])[oO](?=\d{2})|(?<![A-Za-z\d])[lI](?=[3-9]\d)")
_ABROAD = re.compile(r"\(?(?:\+|00)(?!86)")


def picked(text: str) -> list[Picked]:
    """Return the contacts in a text, each once, in their order, of its first two thousand characters.

    Sums, dates and codes of six digits are none. How digits are drawn, what stands between them and +86 don't matter.
    A number that has more digits before or behind it is that longer one: what is published stands in no other number.
    """
    reading = _spelled("".join(map(_plain, text[:MOST].translate(READING))))
    reading = _LETTER.sub(lambda letters: re.sub("[oO]", "0", re.sub("[lI]", "1", letters[0])), reading)
    found = list(_found(reading))
    alone = reading.strip()
    if not found and not _ASIDE.fullmatch(alone):
        found = [_one(what, alone) for what, looks in _ALONE.items() if looks.fullmatch(alone)]
    return list({(one.what, one.value): one for one in reversed(found)}.values())[::-1]


def _plain(sign: str) -> str:
    """Return a digit or letter of any face as the usual one, and nothing for what is drawn around another sign."""
    if sign.isdecimal():
        return str(int(sign))
    if unicodedata.category(sign) in {"Mn", "Me"}:
        return ""
    usual = unicodedata.normalize("NFKC", sign)
    return usual if len(usual) == 1 and not sign.isdigit() else sign


def _spelled(text: str) -> str:
    """Return a text with digits for the words and circles that are those of a number, each in its place.

    One that stands before or behind a whole number is none of it: 热线二5550199.
    """
    digits = _WORD.sub(lambda word: word[0].translate(_AS_DIGITS), text)
    reading = _SPELLED.sub(lambda run: digits[slice(*run.span())], text)
    for phone in _PHONES.finditer(digits):
        begin, end = phone.span()
        within = text[begin + (text[begin] in _WORDS) : end - (text[end - 1] in _WORDS)]
        if len(digits_of(phone[0])) >= 7 and not _PHONES.fullmatch(within):
            reading = reading[:begin] + phone[0] + reading[end:]
    return reading


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
    plain = _ASIDE.sub(lambda aside: "|" * len(aside[0]), reading)
    for _, end in phones:
        if behind := _BEHIND.match(plain, end):
            plain = plain[:end] + "|" * len(behind[0]) + plain[behind.end() :]
    for run in _RUN.finditer(plain):
        begin, end = run.span()
        within = [phone for phone in phones if phone[0] < end and begin < phone[1]]
        if not within:
            continue
        told = {place for phone in within for place in range(*phone)}
        # A number without its area code is one only where it stands alone, or behind one that has its own.
        numbers = [reading[slice(*phone)] for phone in within]
        local = [n for n, number in enumerate(numbers) if _LOCAL_ALONE.fullmatch(number)]
        before = max(begin - 10, *(phone[1] for phone in phones if phone[1] <= begin), 0)
        area = _AREA.search(reading, before, begin) if 0 in local and within[0][0] == begin else None
        more = any(reading[place].isdigit() for place in range(begin, end) if place not in told)
        if area is not None:
            yield area.start(), end
        elif more or any(len(numbers) > 1 and (n == 0 or len(digits_of(numbers[n - 1])) < 10) for n in local):
            yield begin, end


def phones_in(text: str) -> Iterator[re.Match[str]]:
    """Yield where a text of ours names a phone; it is read as it stands."""
    return (match for match in _ANY.finditer(text[:MOST]) if match.lastgroup == "phone")


def _one(what: What, written: str) -> Picked:
    bare = written.rstrip(".:?")
    if what is What.LINK:
        return Picked(what, bare, re.sub(r"^hxxp", "http", re.sub(_DOT, ".", bare.casefold())))
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
