"""What hides personal data in a text: numbers, plates, addresses on the net, and names after a cue.

It answers for the *working text* of a case (ARCHITECTURE 5), not for the verbatim, which is sealed whole.
It finds what has a form or a cue; a name in running speech stays, a clerk's summary is the remedy.

Every mask has the length of what it hides, so line breaks, emoji and rare characters keep their places.
In a text a number is hidden whole: the last four digits of a requester's phone are half of the secret that
opens a case (number, query code, last four digits), so `mask_phone`'s form is for a phone shown on a screen.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was hidden; for figures and tests."""

    NAME = "name"
    EMAIL = "email"
    ACCOUNT = "account"  # WeChat, QQ
    DOCUMENT = "document"  # passports and permits with letters, after a cue
    PLATE = "plate"
    ID_NUMBER = "id_number"
    MOBILE = "mobile"
    LANDLINE = "landline"
    CARD = "card"
    LONG_NUMBER = "long_number"


@dataclass(frozen=True, slots=True)
class Hidden:
    """One thing that `mask_text` hides: its kind and its place in the text."""

    kind: Kind
    start: int
    end: int


# ---------------------------------------------------------------- the text as the rules read it

# One character for one, so that a place in the reading is the same place in the text.
READING: dict[int, str] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
READING[ord("＊")] = "＊"  # a full-width asterisk is the citizen's own, not a mask
READING |= dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000"), " ")
# Phones copied from WeChat or a contacts app come with invisible direction marks around or inside.
READING |= dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF], " ")
READING |= dict.fromkeys(map(ord, "‐‑‒–—―−─"), "-")

# ---------------------------------------------------------------- names

# The commonest family names of the country, and those usual in Anhui, Hunan and Guangdong.
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞"
    "樊兰殷施陶洪翟安倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌"
    "费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古"
    "米池滕晋苑邬臧畅宫苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩"
    "稽井练仲乐虞卞封竺冼楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙伏岑习胥蔺谯肖代闫付邝骆缪麦粟佘湛占危凤帅尚"
    "盘阙禹皮慕荣束杭诸籍邰颜奉"
)
DOUBLE_SURNAMES = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 长孙 宇文 夏侯 端木 南宫 西门 独孤 轩辕 钟离 闾丘 "
    "申屠 太史 呼延 澹台 公冶 濮阳 淳于 单于 赫连 鲜于 完颜 拓跋 百里 东郭 司空"
)
# Family names that are everyday words too: 本人于今年…, 我是高三学生, 当事人申请…
_AMBIGUOUS = (
    "于向曾和时应强全成安万方高常平易花双从连许计查施谢包单明都解费代申房管关任保党位路车台左边古景顾通付占危"
    "乐毕简盖迟商习游席白金石水木山银米苗季章文武项段束阳扬冷华楚国民卫宗慕伏籍邰宁康严温江湖海沙田林池"
)
# No given name has these; they end a name that runs on into the sentence.
_NOT_GIVEN = "的了是吗呢吧啊们这那哪我你您他她它就都被把等所从没将请让给什么怎很也还则但若候以及与并或因该某"
# What stands before these is a place or an office: 我是北山村…, 本人星河城…
_PLACE = "局镇村县市区路苑厂校院队组户城街站司所乡"


def _any(words: str) -> str:
    return "(?:" + "|".join(words.split()) + ")"


_HAN = "㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
_GIVEN = f"(?:(?![{_NOT_GIVEN}])[{_HAN}])"
_DOUBLE = _any(DOUBLE_SURNAMES)
# Atomic: 欧阳 is never read as 欧 with a given name, which a mask behind it (欧阳**) would else invite.
_SURNAME = f"(?>{_DOUBLE}|[{SURNAMES}])"
_CLEAR_SURNAME = f"(?>{_DOUBLE}|(?![{_AMBIGUOUS}])[{SURNAMES}])"
# What may stand right behind a name, and the words that begin what is told about a person.
_END = f"(?![{_HAN}A-Za-z])"
_TOLD = _any(
    "男 女 汉族 苗族 土家族 瑶族 侗族 回族 壮族 现年 今年 年龄 年满 出生 生于 性别 民族 籍贯 家住 现住 住在 住址 "
    "地址 来自 公民身份 身份证 电话 手机 联系 微信 QQ 是一 是[A-Z] 系(?!统|列) 户籍 户口 毕业 [于在][0-9]"
)
_FORM_GOES_ON = _any("时间 日期 单位 职务 投诉 发帖 举报 被 是 于 在 家 的 向 因")
# What whoever stands in a bare field does next: 投诉人李雷反映….
_ACTS = _any("反映 反应 投诉 举报 称 表示 来电 来信 要求 诉求 申诉 咨询 求助 认为 我")
# Titles behind a family name tell no more than the family name does: 张主任, 陈先生.
_NO_TITLE = (
    "(?!先生|女士|小姐|同志|[主副]|局长|科|处长|书记|所长|站长|经理|老师|医[生师]|院长|校长|队长|组长|[镇县市区村乡厅部会]长|"
    f"警[官察]|律师|师傅|老板|[总工部][^{_HAN}]|会计|支书|法官|董事|秘书|干部|阿姨|大[爷叔姐]|教[练授])"
)

# These cues say that a name follows, so one that runs on into the sentence is taken too (three characters).
_TELLING = _any("我叫做? 我名叫 本人叫 名字叫做? 真名叫 名叫(?<![地店家所]名叫) 我的名字[叫是] 本人姓名")
# A field of a form. With a colon or a blank it is as good as telling; bare, it needs a clear end.
_FIELD = _any(
    "姓名 联系人 申请人 投诉人 举报人 反[映应]人 当事人 留言人 求助人 上访人 信访人 来信人 写信人 发帖人 诉求人 "
    "申诉人 户主 委托人 受害人 报案人 报告人 代理人 法定代表人 法人代表 法人 负责人 经办人 监护人 署名 落款 "
    "收件人 签名人"
)
_ASSIGNED = "(?:员|姓名)?(?:[ ]?[:=∶][ ]{0,3}\n?|[ ]{1,3}|(?<=姓名)[是为]|[,](?=[^,]{2,4}[,(]))"
# Behind the strongest cues a character that no given name has ends a name as well as a comma: 我叫李明我要….
_ENDED = f"(?:{_END}|(?={_TOLD}|{_FORM_GOES_ON}))"
_RUNNING_ON = (
    f"{_NO_TITLE}(?:{_GIVEN}{{1,2}}?(?:{_ENDED}|(?=[{_NOT_GIVEN}]|{_ACTS}))|{_GIVEN}{{3}}{_ENDED}|{_GIVEN}{{2}})"
)
_ONE_OR_TWO = f"{_NO_TITLE}{_GIVEN}{{1,2}}?(?<![{_PLACE}])"
_INTRODUCED = f"{_NO_TITLE}{_GIVEN}{{1,2}}?(?=[ ]?[,;:(、][ ]?{_TOLD}|{_TOLD})"
# Forms pad names of two characters with a blank: 姓名：张　三.
_PADDED = f"[ ]{{1,2}}(?![男女])[{_HAN}]{_END}"
# Several sign together: 写信人：张三、李四.
_NEXT = f"、{_SURNAME}(?P<next>{_GIVEN}{{1,2}}{_END})"
_ALSO = f"(?P<also>(?:{_NEXT.replace('?P<next>', '?:')})*+)"
# The dot between the parts of 阿依古丽·买买提 is evidence of a name that needs no family name.
_DOT = f"{_GIVEN}{{0,7}}[·•・‧]"
_DOTTED = f"{_DOT}(?:{_GIVEN}{{1,6}}?(?:{_END}|(?={_TOLD}|{_FORM_GOES_ON}))|{_GIVEN}{{3}})"
_DOTTED_INTRODUCED = f"{_DOT}{_GIVEN}{{1,6}}?(?=[ ]?[,;:(、][ ]?{_TOLD}|{_TOLD})"
_LATIN = r"[A-Z][a-z]{1,20}(?:[ ·][A-Z][a-z]{1,20}){0,2}(?![A-Za-z0-9])"


# One scan for the cues, then one look at what follows each. Every branch starts with a letter, which lets the
# engine skip to the next possible start.
_CUE = re.compile(f"(?:{_TELLING[3:-1]}|{_FIELD[3:-1]}|本人|我是)(?![{_NOT_GIVEN.replace('是', '')}一在])")
_TOLD_FORMS = f"(?:[{_HAN}](?P<second>{_DOTTED})|{_SURNAME}(?P<given>{_PADDED}|{_RUNNING_ON})|(?P<third>{_LATIN}))"
_AFTER_TELLING = re.compile(f"[:∶, ]{{0,2}}{_TOLD_FORMS}{_ALSO}")
_AFTER_FIELD = re.compile(f"{_ASSIGNED}{_TOLD_FORMS}{_ALSO}")


def _bare(goes_on: str) -> re.Pattern[str]:
    return re.compile(
        f"[:∶, ]?(?:{_CLEAR_SURNAME}(?P<given>{_ONE_OR_TWO}(?:{_END}|(?={goes_on})))"
        f"|{_SURNAME}(?P<second>{_INTRODUCED})|[{_HAN}](?P<third>{_DOTTED_INTRODUCED})){_ALSO}"
    )


_AFTER_BARE = _bare(_TOLD)
_AFTER_BARE_FIELD = _bare(f"{_TOLD}|{_ACTS}")
_NEXT_NAME = re.compile(_NEXT)


def _name_after(cue: re.Match[str]) -> re.Match[str] | None:
    if cue.group() in ("本人", "我是"):
        return _AFTER_BARE.match(cue.string, cue.end())
    if cue.group().endswith(("叫", "做", "是", "本人姓名")):
        return _AFTER_TELLING.match(cue.string, cue.end())
    return _AFTER_FIELD.match(cue.string, cue.end()) or _AFTER_BARE_FIELD.match(cue.string, cue.end())


def _names(reading: str) -> Iterator[Hidden]:
    done = 0
    for cue in _CUE.finditer(reading):
        if cue.start() >= done and (name := _name_after(cue)):
            # Of the three forms one matched; the others say (-1, -1).
            yield Hidden(Kind.NAME, *max(name.span("given"), name.span("second"), name.span("third")))
            done = name.end()
            start = name.start("also")
            while start < done and (also := _NEXT_NAME.match(reading, start)):
                yield Hidden(Kind.NAME, *also.span("next"))
                start = also.end()


# ---------------------------------------------------------------- numbers

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])(?P<hide>(?=[._%+-]*+[A-Za-z0-9])[A-Za-z0-9._%+-]++)@(?:[A-Za-z0-9-]++\.)+[A-Za-z]{2,}"
)
# A WeChat id has at least six characters, so 微信app, 微信pay and QQ群 are none.
_ACCOUNT = re.compile(
    r"(?:微信|薇信|扣扣|企鹅|v信|V信|weixin|Weixin|WeiXin|wechat|Wechat|WeChat|wx(?<![A-Za-z]..)|WX(?<![A-Za-z]..)"
    r"|vx(?<![A-Za-z]..)|VX(?<![A-Za-z]..)|qq(?<![A-Za-z]..)|QQ(?<![A-Za-z]..))"
    r"(?:群|(?i:id)|[帐账])?(?:同?号码?)?[ ]?[:=是为(]?[ ]?(?!(?i:android|iphone|wechat|weixin|windows|https?))"
    r"(?P<hide>[A-Za-z][A-Za-z0-9_-]{5,}+|[1-9][0-9]{4,}+)"
)
_DOCUMENT = re.compile(
    r"(?:护照|通行证|军官证|士兵证|居住证|残疾人?证|证件)(?:号码?|编号)?[ ]?[:是为(]?[ ]?"
    r"(?P<hide>[A-Za-z]{1,2}[0-9]{6,10})(?![0-9])"
)
# What a plate begins with; embassies and consulates have their own.
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_PLATE = re.compile(
    rf"[{PROVINCES}][A-Za-z][ ]?[·•.\-]?[ ]?"
    r"(?P<hide>(?=[A-Za-z]{0,2}[0-9])(?=(?:[A-Za-z]?[0-9]){3})(?:[A-Za-z0-9]{5,6}(?![A-Za-z0-9])|[A-Za-z0-9]{4}[挂学警港澳]))"
)
_ID_NUMBER = re.compile(
    r"(?<![0-9])(?P<hide>[1-9][0-9]{5}[ -]?(?:18|19|20)[0-9]{2}[ -]?(?:0[1-9]|1[0-2])[ -]?(?:0[1-9]|[12][0-9]|3[01])"
    r"[ -]?[0-9]{3}[ -]?(?:[0-9](?![0-9])|[Xx])|[1-9][0-9]{16}[Xx]"
    r"|[1-9][0-9]{5}[ -]?[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{3}(?![0-9]))"
)
_MOBILE = re.compile(
    r"(?<![0-9])(?P<hide>(?:(?:\+|00)?86[ )-]{0,2})?1[ -]?[3-9](?:[ -]{0,2}[0-9]){9}"
    r"|1[3-9][0-9]\.[0-9]{4}\.[0-9]{4})(?![0-9])"
)
_LANDLINE = re.compile(
    r"(?<![0-9.])(?P<hide>(?:(?:\+|00)86[ -]{0,2})?\(?0[1-9][0-9]{1,2}\)?[ -]{0,3}"
    r"[2-8][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])"
)
# Without an area code 3-4 or 4-4 digits are as often a range of prices or years: only after a cue.
_LOCAL = re.compile(
    r"(?:电话|手机|联系方式|致电|拨打|座机|固话|传真|tel|Tel|TEL|phone|Phone)[^0-9\n]{0,6}"
    r"(?P<hide>[2-8][0-9]{2,3}[ -][0-9]{4})(?![0-9-])"
)
_CARD = re.compile(r"(?<![0-9])(?P<hide>[1-9][0-9]{3}(?:[ -][0-9]{4}){3}(?:[ -][0-9]{1,4})?)(?![0-9])")
_LONG = re.compile(r"(?P<hide>[0-9]{7,}+)")

_YEARS = re.compile(r"(?:(?:19|20)[0-9]{2}[ -]?)+")
_MOMENT = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:(?:[01][0-9]|2[0-3])(?:[0-5][0-9]){1,2})?"
)
_AMOUNT_AFTER = re.compile(
    r"(?:\.[ ]?[0-9]{1,4}(?![0-9]))?[ )]{0,2}"
    r"(?:[多余]?[元块亿万吨户人头度平亩米]|人民币|公[里斤]|千瓦|㎡|m2|(?i:rmb|kwh|kg))"
    r"|\.[0-9]{1,2}(?![0-9])"
)
_AMOUNT_BEFORE = re.compile(
    r"(?:[¥￥$]|(?i:rmb)|人民币|(?<![0-9])[0-9]{1,3}\.|[合总共]计|总[额价]|房款|金额|费用|资金)[为是: ]{0,2}$"
)
_PHONE_BEFORE = re.compile(r"(?:电话|手机|联系方式|致电|拨打|座机|固话|热线|传真|(?i:tel|phone))[^0-9\n]{0,6}$")
# The desk needs these to find the earlier case, permit or order, and they name no person.
_FILE_NUMBER_BEFORE = re.compile(
    r"(?:编号|编码|工单号?|单号|文号|案号|信访件|受理号|发票号码?|许可证号?|预售证号?|备案号|合同号|"
    r"信用代码|注册号|证书号|留言|邮编|订单号?|批号|第|ISBN)"
    r"[^0-9\n]{0,4}$"
)
_HOTLINE = re.compile(r"0[1-9][0-9]{1,2}(?:12[0-9]{3}|1[12][0-9]|9[56][0-9]{3,4})|[48]00[0-9]{7}")


# A chain of digits and what people write between them; these rules look only inside one.
_CHAIN = re.compile(r"[+(]{0,2}[0-9][0-9Xx .()-]{6,}+")
_SHAPES = (
    (Kind.ID_NUMBER, _ID_NUMBER),
    (Kind.MOBILE, _MOBILE),
    (Kind.LANDLINE, _LANDLINE),
    (Kind.CARD, _CARD),
    (Kind.LONG_NUMBER, _LONG),
)


def _stays(digits: str, reading: str, start: int) -> bool:
    """Return whether something says that a run of seven digits or more belongs to no person.

    Seven, because a landline has seven or eight and nothing personal is shorter. What stays: a date written
    20190106, an amount or count with its unit, a hotline with its area code and 400/800 numbers, a file, permit
    or order number behind its word, and a run behind a letter (GB54321, UU1234567, HY-2026-000123): standards
    and numbers of cases. Behind "电话" only a hotline stays. Phones and ID numbers were hidden before this.
    """
    before = reading[max(0, start - 14) : start]
    if _PHONE_BEFORE.search(before):
        return bool(_HOTLINE.fullmatch(digits))
    is_amount = len(digits) <= 12 and (
        _AMOUNT_AFTER.match(reading, start + len(digits)) or _AMOUNT_BEFORE.search(before)
    )
    return bool(
        is_amount
        or _MOMENT.fullmatch(digits)
        or _HOTLINE.fullmatch(digits)
        or _FILE_NUMBER_BEFORE.search(before)
        or re.search(r"[A-Za-z][-/]?$", before)
    )


def _numbers(reading: str) -> Iterator[Hidden]:
    for chain in _CHAIN.finditer(reading):
        piece, first = chain.group(), chain.start()
        for kind, shape in _SHAPES:
            places = [match.span("hide") for match in shape.finditer(piece)]
            if kind is Kind.LONG_NUMBER:
                places = [(a, b) for a, b in places if not _stays(piece[a:b], reading, first + a)]
            elif kind is Kind.CARD:
                places = [(a, b) for a, b in places if not _YEARS.fullmatch(piece[a:b])]
            yield from (Hidden(kind, first + a, first + b) for a, b in places)
            piece = _starred(piece, places, _LETTERS)


# ---------------------------------------------------------------- the whole text

_LETTERS = re.compile(r"[A-Za-z0-9挂学警港澳]+")
_SIGNS = re.compile(r"[A-Za-z0-9._%+-]+")
_NAME_PARTS = re.compile(f"[{_HAN}]+|(?<=[A-Za-z])[a-z]+")  # the initials of a Latin name stay


def _starred(text: str, places: Sequence[tuple[int, int]], stars: re.Pattern[str]) -> str:
    if not places:
        return text
    parts: list[str] = []
    done = 0
    for start, end in places:
        parts += (text[done:start], stars.sub(lambda hidden: "*" * len(hidden[0]), text[start:end]))
        done = end
    return "".join((*parts, text[done:]))


def _all(kind: Kind, pattern: re.Pattern[str], needs: str = "") -> Callable[[str], Iterator[Hidden]]:
    def find(reading: str) -> Iterator[Hidden]:
        if needs in reading:
            yield from (Hidden(kind, *match.span("hide")) for match in pattern.finditer(reading))

    return find


# Names first: no rule after them touches a Chinese character of a name. Numbers last: they are what is left.
_RULES: tuple[tuple[Callable[[str], Iterator[Hidden]], re.Pattern[str]], ...] = (
    (_names, _NAME_PARTS),
    (_all(Kind.EMAIL, _EMAIL, needs="@"), _SIGNS),
    (_all(Kind.ACCOUNT, _ACCOUNT), _SIGNS),
    (_all(Kind.DOCUMENT, _DOCUMENT), _LETTERS),
    (_all(Kind.PLATE, _PLATE), _LETTERS),
    (_all(Kind.LANDLINE, _LOCAL), _LETTERS),
    (_numbers, _LETTERS),
)


def _read(text: str) -> tuple[str, list[Hidden]]:
    """Return the reading of `text` with its masks, and what they hide."""
    found: list[Hidden] = []
    reading = text.translate(READING)
    before = None
    # A mask can end a word that hid another one (an "X" before "wx:"), so look again until nothing is found:
    # that makes masking idempotent. A text with nothing to hide is looked at once.
    while reading != before:
        before = reading
        for rule, stars in _RULES:
            # A chain of digits yields its long numbers after its phones, wherever they stand.
            hidden = sorted(rule(reading), key=lambda one: one.start)
            reading = _starred(reading, [(one.start, one.end) for one in hidden], stars)
            found += hidden
    return reading, found


def find_personal(text: str) -> list[Hidden]:
    """Return what `mask_text` hides in `text`, in the order of the places."""
    return sorted(_read(text)[1], key=lambda hidden: hidden.start)


def mask_text(text: str) -> str:
    """Return `text` with numbers, plates, e-mail and names after cues hidden, else as it is, in its length.

    >>> mask_text("我叫张三，电话13900006021，见12345工单")
    '我叫张*，电话***********，见12345工单'
    """
    reading, found = _read(text)
    if not found:
        return text
    parts: list[str] = []
    done = 0
    for hidden in sorted(found, key=lambda one: one.start):
        start, end = hidden.start, hidden.end
        parts.append(text[done:start])
        parts += ["*" if read == "*" else own for own, read in zip(text[start:end], reading[start:end], strict=True)]
        done = end
    return "".join((*parts, text[done:]))


# ---------------------------------------------------------------- single fields

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def valid_id_number(number: str) -> bool:
    """Return whether 18 characters end in the check character of GB 11643 (weights in DOMAIN 2.8).

    Only the checksum: area codes are withdrawn and people keep them, so a table of places refuses real people.
    The standard's own examples are 11010519491231002X and 440524188001010014.
    """
    if re.fullmatch(r"[0-9]{17}[0-9Xx]", number) is None:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    return _ID_CHECKS[total % 11] == number[17].upper()


def mask_id_number(number: str) -> str:
    """Return `number` with only the two digits of the province and the last two characters shown."""
    bare = number.strip()
    return bare[:2] + "*" * (len(bare) - 4) + bare[-2:] if len(bare) >= 15 else "*" * len(bare)


def _star_digits(part: str, shown: int) -> str:
    """Return `part` with all digits but the last `shown` starred; separators stay."""
    hidden = sum(char.isdigit() for char in part) - shown
    return re.sub(r"[0-9]", "*", part, count=hidden) if hidden > 0 else part


def mask_phone(phone: str) -> str:
    """Return `phone` as a screen shows it: 139****6021, 0558-***0001.

    At most seven digits are shown, not counting an area code, which names a city. A country code +86 is
    dropped. Fewer than seven digits (an internal short number) show the last two; foreign numbers the last four.
    """
    written = phone.translate(READING).strip()
    digits = re.sub(r"[^0-9]", "", written)
    is_foreign = written.startswith("+") and not written.startswith("+86")
    national = re.sub(r"^(?:0086|86)(?=1[3-9][0-9]{9}$|0?[1-9][0-9]{8,10}$)", "", digits)
    if re.fullmatch(r"1[3-9][0-9]{9}", national) and not is_foreign:
        return f"{national[:3]}****{national[-4:]}"
    if area := re.fullmatch(r"\(?(0[1-9][0-9]{1,2})[ )-]*([2-8][0-9]{2,3}[ -]?[0-9]{4})(?:[ -]+[0-9]+)?", written):
        return f"{area[1]}-{_star_digits(area[2], 4)}"
    if not digits:
        return "*" * len(written)
    return _star_digits(re.sub(r"[^0-9 -]", "", written).strip(), 4 if len(digits) >= 7 else 2)


def mask_name(name: str) -> str:
    """Return `name` with the family name shown (张*, 欧阳**), or the initials of a Latin name (J*** S****).

    A name of one character is hidden whole; of a dotted name the first character is shown: 阿***·***.
    """
    bare = name.strip()
    if len(bare) <= 1:
        return "*" * len(bare)
    if bare[0].isascii():
        return re.sub(r"(?<=\w)\w", "*", bare)
    shown = 2 if len(bare) > 2 and bare[:2] in DOUBLE_SURNAMES else 1
    return bare[:shown] + re.sub(r"[^\s·•・‧]", "*", bare[shown:])
