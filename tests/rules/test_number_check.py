"""What a pasted message wants people to call, write to or open."""

import pytest

from huying.rules.number_check import MOST, MOST_FOUND, What, digits_of, is_same_number, picked


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("13900000001", ["13900000001"]),
        ("＋８６ 139 0000 0001", ["13900000001"]),
        ("请拨 0500-555 0199 或 5550199，急事打110，热线12345。", ["05005550199", "5550199", "110", "12345"]),
        ("400-800-1234", ["4008001234"]),
        ("验证码 839201，转账50000元，2026-03-17 以前", []),
        ("139 0000 0001、13900000001", ["13900000001"]),
        ("", []),
    ],
)
def test_phones_are_found_as_they_are_dialled_and_sums_codes_and_dates_are_not(text: str, values: list[str]) -> None:
    assert [one.value for one in picked(text)] == values
    assert all(one.what is What.PHONE for one in picked(text))


def test_a_whole_sms_is_taken_apart_in_its_order() -> None:
    text = "新号码13800000009，加微信号：szxx_2026，点 http://t.cn/abc 填 a.b@example.com，官网 yunchuan.gov.cn/x"
    assert [(one.what, one.value) for one in picked(text)] == [
        (What.PHONE, "13800000009"),
        (What.WECHAT, "szxx_2026"),
        (What.LINK, "http://t.cn/abc"),
        (What.EMAIL, "a.b@example.com"),
        (What.LINK, "yunchuan.gov.cn/x"),
    ]


def test_only_so_much_of_a_text_is_read() -> None:
    assert picked("啊" * MOST + "13900000001") == []
    many = " ".join(f"1390000{n:04}" for n in range(50))
    assert len(picked(many)) == MOST_FOUND


@pytest.mark.parametrize(
    ("number", "digits"),
    [("0086-13900000001", "13900000001"), ("+86 0500 5550199", "05005550199"), ("8600000", "8600000")],
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
