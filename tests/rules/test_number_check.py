"""What a pasted message wants people to call, write to or open."""

from datetime import date, time
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.rules.number_check import MOST, What, digits_of, is_same_number, phones_in, picked


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("13900000001", ["13900000001"]),
        ("＋８６ 139 0000 0001", ["13900000001"]),
        ("请拨 0500-555 0199 或 5550199，急事打110，热线12345。", ["05005550199", "5550199", "110", "12345"]),
        ("400-800-1234", ["4008001234"]),
        ("验证码 839201，转账50000元，2026-03-17 以前", []),
        ("139 0000 0001、13900000001", ["13900000001"]),
        ("139 0000 0001 138 0000 0002", ["13900000001", "13800000002"]),
        ("110 13900000001 0500-5550199 8:30-17:30", ["110", "13900000001", "05005550199"]),
        ("加vx13900000001，或138.0000.0002", ["13900000001", "13800000002"]),
        ("(0500)5550199转8", ["05005550199"]),
        ("\u202a+86 139–0000–0001\u202c", ["13900000001"]),
        ("10690000123456 发来的，又打 95533、10086", ["10690000123456", "95533", "10086"]),
        ("+852 6123 4567", ["85261234567"]),
        ("00441234567890", ["00441234567890"]),
        ("110元，120平米，第119号，12000元，2026-2027，10.5", []),
        ("", []),
    ],
)
def test_phones_are_found_as_they_are_dialled_and_sums_codes_and_dates_are_not(text: str, values: list[str]) -> None:
    assert [one.value for one in picked(text)] == values
    assert all(one.what is What.PHONE for one in picked(text))


@pytest.mark.parametrize(
    "forged",
    [
        "1065 0500 5550101",
        "1065-0500-5550101",
        "170 0500-5550101",
        "9 0500 555 0101",
        "10106 0500-555-0101",
        "0500-555 0101 0",
        "10650500 5550101",
        "1069 12345",
        "950 110",
        "+8610 110",
        "请回电(9)0500-5550101谢谢",
        "50000500-5550101",
        "88880500 5550101",
        "0571/5550101",
        "0571·5550101",
        "0571,5550101",
        "0571    5550101",
        "0571\n5550101",
        "1065*0500*5550101",
        "1065/0500-5550101",
        "0571-0500-5550101",
        "0500-5550101999",
        "请打0500-5550101999谢谢",
        "请打9.0500-5550101",
        "12593 5550101",
        "2019-2026-0500-5550101",
    ],
)
def test_a_published_number_within_more_digits_is_another_one(forged: str) -> None:
    [one] = picked(forged)
    assert one.what is What.PHONE
    assert one.value not in {"05005550101", "5550101", "110", "12345"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1. 0500-5550101\n2. 13900000001", ["05005550101", "13900000001"]),
        ("8:30 110，2026-03-17 0500-5550101", ["110", "05005550101"]),
        ("0500-5550101 9:00-17:00", ["05005550101"]),
        ("一三九零零零零零零零一", ["13900000001"]),
        ("0500-555-O101", ["05005550101"]),
        ("一三九 零零零零 零零零一，壹叁玖零零零零零零零贰", ["13900000001", "13900000002"]),
        ("139oooo0001、l39 0000 0002、139,0000,0003", ["13900000001", "13900000002", "13900000003"]),
        ("公开电话0500-555 0199 24小时接听", ["05005550199"]),
        ("0500-5550101 12月1日起启用，0500-5550102 10分钟内", ["05005550101", "05005550102"]),
        ("0500-5550101 3楼，0500-5550102（24h），室1203 0500-5550103", ["05005550101", "05005550102", "05005550103"]),
        ("5550199、5550101", ["5550199", "5550101"]),
        ("编号 YC-2026-000353 0500-555 0199", ["05005550199"]),
        ("1、0500-5550101 2、0500-5550199", ["05005550101", "05005550199"]),
        ("1.0500-555 0101 2.0500-5550199", ["05005550101", "05005550199"]),
        ("⒈0500-5550101②5550199", ["05005550101", "5550199"]),
        ("0500-555 0101/5550199", ["05005550101", "5550199"]),
        ("0500-555 0101 5550199", ["05005550101", "5550199"]),
        ("0500-555 0101，5550199", ["05005550101", "5550199"]),
        ("5550101/5550199", ["5550101", "5550199"]),
        ("0500-5550101 8-12点，0500-5550102 9至18点", ["05005550101", "05005550102"]),
        ("17:30-18:30 110", ["110"]),
        ("0500-5550101-8 0500-5550102-3", ["05005550101", "05005550102"]),
        ("周一至周五0500-5550101，热线二5550199", ["05005550101", "5550199"]),
        ("0500-5550101一楼，一3912345678", ["05005550101", "13912345678"]),
    ],
)
def test_what_stands_beside_a_number_and_how_it_is_spelled_changes_nothing(text: str, values: list[str]) -> None:
    assert [one.value for one in picked(text)] == values


WHOLE = ["13900000001", "139 0000 0001", "0500-5550101", "(0500)5550101", "400-800-1234", "8008001234", "0500-12345"]
SERVICE = ["95588", "96110", "12345", "110", "119", "120", "122"]
FOLLOWING = [*"元块万亿户人个条次分天平米月楼室栋岁度年日号路", "人工客服", "分机12", " 分机12", "号码"]


@pytest.mark.parametrize("word", FOLLOWING)
def test_a_whole_number_and_one_that_is_to_be_dialled_are_found_whatever_follows(word: str) -> None:
    for number in WHOLE:
        assert [one.value for one in picked(f"手机{number}{word}")] == [digits_of(number)]
    for number in SERVICE:
        assert [one.value for one in picked(f"请打{number}{word}")] == [number]
        assert [one.value for one in picked(f"热线：{number}{word}")] == [number]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("95588人工", ["95588"]),
        ("12345人工服务，12345平台，12345号码，96110分中心", ["12345", "96110"]),
        ("5550199人工，请打5550101号", ["5550199", "5550101"]),
        ("由10690000123456号发来，+852 6123 4567号", ["10690000123456", "85261234567"]),
        ("tel12345，call110", ["12345", "110"]),
        ("tel13900000001", ["13900000001"]),
        ("打12000，客服95000号", ["12000", "95000"]),
        ("拨打13,900,000,001", ["13900000001"]),
        ("2019-2026 0500-5550199", ["05005550199"]),
        ("打110,119,120", ["110", "119", "120"]),
    ],
)
def test_a_word_that_counts_nothing_hides_no_number(text: str, values: list[str]) -> None:
    assert [one.value for one in picked(text)] == values


@pytest.mark.parametrize(
    "text",
    [
        "加QQ 123456789",
        "球球123456789",
        "Q:123456789",
        "Q Q：123456789",
        "qq：123456789",
        "扣扣123456789",
        "QQ群：123456789",
        "加q 123456789",
        "q号123456789",
    ],
)
def test_a_qq_number_is_none_of_the_phones(text: str) -> None:
    assert [(one.what, one.value) for one in picked(text)] == [(What.QQ, "123456789")]


def test_a_whole_sms_is_taken_apart_in_its_order() -> None:
    text = "新号码13800000009，加微信号：szxx_2026，点 http://t.cn/abc 填 a.b@example.com，官网 yunchuan.gov.cn/x"
    assert [(one.what, one.value) for one in picked(text)] == [
        (What.PHONE, "13800000009"),
        (What.WECHAT, "szxx_2026"),
        (What.LINK, "http://t.cn/abc"),
        (What.EMAIL, "a.b@example.com"),
        (What.LINK, "yunchuan.gov.cn/x"),
    ]


@pytest.mark.parametrize("number", ["555 0199", "1234567", "839201", " 6222 0213 9000 0000 123 "])
def test_a_text_that_is_nothing_but_a_number_is_one(number: str) -> None:
    assert [one.written for one in picked(number)] == [number.strip()]
    assert picked(f"卡号 {number} 。") == []


@pytest.mark.parametrize(
    ("text", "what", "value"),
    [
        ("官网yunchuan.gov.cn填写", What.LINK, "yunchuan.gov.cn"),
        ("点t.cn/abc领取", What.LINK, "t.cn/abc"),
        ("看http://a.example/x，马上", What.LINK, "http://a.example/x"),
        ("微信号abc123456请加我", What.WECHAT, "abc123456"),
        ("WeChat ID: official", What.WECHAT, "official"),
        ("加我 wxid_AB12cd34ef", What.WECHAT, "wxid_ab12cd34ef"),
        ("点 bit.ly/abc 领", What.LINK, "bit.ly/abc"),
        ("看http://云川市长.com/abc，马上", What.LINK, "http://云川市长.com/abc"),
        ("点yc-gov。top。", What.LINK, "yc-gov.top"),
        ("点yc[.]top/a", What.LINK, "yc.top/a"),
        ("点hxxp://a.example/x", What.LINK, "http://a.example/x"),
        ("点weixin://dl/pay", What.LINK, "weixin://dl/pay"),
        ("点𝐲𝐜-𝐠𝐨𝐯.𝐭𝐨𝐩", What.LINK, "yc-gov.top"),
        ("微信号139000000012", What.WECHAT, "139000000012"),
        ("weixin abcdefgh", What.WECHAT, "abcdefgh"),
        ("加V fakemayor99", What.WECHAT, "fakemayor99"),
        ("换号了加薇：zhangsanfeng", What.WECHAT, "zhangsanfeng"),
        ("加我威信号 lao_li_2026", What.WECHAT, "lao_li_2026"),
        ("+v qwertyuiop 领取", What.WECHAT, "qwertyuiop"),
        ("v: shenyanqing", What.WECHAT, "shenyanqing"),
        ("我是市长，以后联系fakemayor99，别声张", What.WECHAT, "fakemayor99"),
        ("以后找 sz_yunchuan", What.WECHAT, "sz_yunchuan"),
        ("邮箱a.b@example.com。", What.EMAIL, "a.b@example.com"),
        ("登录 www.市长信箱.com 领补贴", What.LINK, "www.市长信箱.com"),
        ("市长信箱.cn", What.LINK, "市长信箱.cn"),
        ("市长信箱.中国", What.LINK, "市长信箱.中国"),
        ("尊敬的用户请登录市长信箱.中国领补贴", What.LINK, "市长信箱.中国"),
        ("1.请访问市长信箱.gov.cn/a?b=1，", What.LINK, "市长信箱.gov.cn/a?b=1"),
        ("看市长信箱。com", What.LINK, "看市长信箱.com"),
        ("微信zhangsan", What.WECHAT, "zhangsan"),
        ("微信 zhangsan，速加", What.WECHAT, "zhangsan"),
        ("wei xin：fakemayor", What.WECHAT, "fakemayor"),
        ("加FakeMayor2026", What.WECHAT, "fakemayor2026"),
        ("新号：Mayor99", What.WECHAT, "mayor99"),
        ("联系我Mayor99", What.WECHAT, "mayor99"),
        ("电报@fakemayor", What.HANDLE, "fakemayor"),
        ("抖音 @mayor_yc 私聊", What.HANDLE, "mayor_yc"),
        ("电报：fakemayor", What.HANDLE, "fakemayor"),
        ("Telegram fake_mayor1", What.HANDLE, "fake_mayor1"),
    ],
)
def test_accounts_and_links_end_where_chinese_words_go_on(text: str, what: What, value: str) -> None:
    assert [(one.what, one.value) for one in picked(text)] == [(what, value)]


@pytest.mark.parametrize(
    "text",
    [
        "our WeChat official account, 微信公众号",
        "编号 YC-2026-000123，快递 SF1234567890，车次 G1234",
        "please call the mayor, report again",
        "ISO9001认证",
        "买了iPhone15，用Mate60Pro拍的，装Windows11、CAD2019和Word2019",
        "iPhone15",
        "Mate60Pro",
        "CAD2019",
        "room1203",
        "微信Windows版，微信 mini program",
        "我们要团结.中国人民站起来了。In 2026",
    ],
)
def test_a_word_and_a_code_are_no_account(text: str) -> None:
    assert picked(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "一九四九年",
        "三天无人",
        "12345条",
        "2026-11-30",
        "1,234.56元",
        "8-12点",
        "一二三四五",
        "二〇二六年三月十七日",
        "三七二十一，一五一十",
        "YC-2026-000353",
        "微信：20260317，微信群200000人",
        "分别为150、2000、3000",
        "公交13/15/17/19/21路",
        "三五六七八九零路公交",
        "价格从12000涨到15000，又从15600降到12345，再由12345升至15000",
        "2019-2026",
        "车牌皖A12345、皖A·95588、皖AD12345，G12345次",
        "投资139,000,000.00元，欠13,900,000,001元，共110,000.00元，月入18000-100000元",
        "95588人民币，96000年",
    ],
)
def test_ordinary_words_and_figures_are_nothing_to_call(text: str) -> None:
    assert picked(text) == []


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 10**9), st.times(), st.integers(1, 999_999))
def test_no_date_sum_time_or_number_of_a_case_is_anything_to_call(day: date, cents: int, at: time, case: int) -> None:
    assert picked(f"{day}") == []
    assert (
        picked(f"{day.year}年{day.month}月{day.day}日{at:%H:%M}，付{cents / 100:,.2f}元，见YC-{day.year}-{case:06}")
        == []
    )


FACES = ("0123456789", "零一二三四五六七八九", "⓿❶❷❸❹❺❻❼❽❾", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩")
FACE = st.sampled_from([*map(list, FACES), [f"{digit}\ufe0f\u20e3" for digit in FACES[0]]])
MOBILE = st.from_regex(r"1[35-7][0-9]{9}", fullmatch=True)  # 400 and 800 behind a 1 are numbers of their own


@given(MOBILE, st.lists(FACE, min_size=11, max_size=11))
def test_a_mobile_is_found_however_each_of_its_digits_is_drawn(mobile: str, faces: list[list[str]]) -> None:
    drawn = "".join(face[int(digit)] for digit, face in zip(mobile, faces, strict=True))
    assert [one.value for one in picked(f"打{drawn}，急")] == [mobile]


@given(MOBILE, st.sampled_from("*/_~·•|#=+^&()。，📞☎-. "))
def test_a_mobile_is_found_whatever_stands_between_its_digits(mobile: str, sign: str) -> None:
    grouped = sign.join((mobile[:3], mobile[3:7], mobile[7:]))
    assert [one.value for one in picked(f"打{grouped}急，或{sign.join(mobile)}")] == [mobile]


@given(st.from_regex(r"[0-9]{0,4}", fullmatch=True), st.from_regex(r"[0-9]{0,4}", fullmatch=True))
def test_a_published_number_stands_in_no_longer_one(before: str, behind: str) -> None:
    is_it = "05005550101" in {one.value for one in picked(f"{before}0500-5550101{behind}")}
    assert is_it is (not before + behind)


@pytest.mark.parametrize("written", ["fakemayor", " Fake-Mayor ", "mayor_x"])
def test_a_text_that_is_nothing_but_a_word_may_be_a_wechat_id(written: str) -> None:
    assert [(one.what, one.written) for one in picked(written)] == [(What.WECHAT, written.strip())]


@pytest.mark.parametrize(
    "unit",
    [
        "1 ",
        "1-",
        "a.",
        "(0",
        "0500-",
        "+86 ",
        "wx",
        "a@a.",
        "13900000001 ",
        "1*",
        "一",
        "①",
        "110-1 ",
        "市",
        "登录",
        "市.",
        "a.市",
        "@a",
        "微信a",
    ],
)
def test_no_text_of_that_length_takes_long(unit: str) -> None:
    began = process_time()
    picked((unit * MOST)[:MOST])
    assert process_time() - began < 0.2


def test_only_so_much_of_a_text_is_read() -> None:
    assert picked("啊" * MOST + "13900000001") == []


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("0086-13900000001", "13900000001"),
        ("+86 0500 5550199", "05005550199"),
        ("8600000", "8600000"),
        ("+86 500 5550199", "05005550199"),
        ("+86 400 800 1234", "4008001234"),
        ("+852 6123 4567", "85261234567"),
    ],
)
def test_the_code_of_the_country_is_not_dialled(number: str, digits: str) -> None:
    assert digits_of(number) == digits


@pytest.mark.parametrize(
    ("published", "asked", "same"),
    [
        ("05005550199", "5550199", True),
        ("5550199", "05005550199", True),
        ("13900000001", "13900000001", True),
        ("13900000001", "0000001", False),
        ("05005550199", "0199", False),
    ],
)
def test_a_landline_may_be_written_without_its_area_code(published: str, asked: str, *, same: bool) -> None:
    assert is_same_number(published, asked) is same


def test_where_a_text_names_a_phone_is_told_as_it_stands_there() -> None:
    text = "找市供热站 0500-555 0404，急事 110，网址 a.cn/13900000001"
    assert [(one.group(), text[one.start() : one.end()]) for one in phones_in(text)] == [
        ("0500-555 0404", "0500-555 0404"),
        ("110", "110"),
    ]
