"""What is sealed opens in its own place only, is found by blind index, and stands nowhere in the clear."""

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from huying.cases.models import Case, CaseText, Contact, Message, Report, Requester
from huying.config.postgres import Urls
from huying.vault.models import Reveal, VaultKey
from huying.vault.seals import (
    DataKey,
    blind_index,
    keys_of,
    new_key,
    phone_index,
    reveal,
    seal,
    seal_text,
    take_ids,
    unseal,
    unseal_text,
    unwrap,
)
from huying.vault.suite import Key, Unreadable, header
from tests.builders import NOW, case_of, received, unit, verified_case

pytestmark = pytest.mark.django_db

VERBATIM = "我叫张三丰，电话13912345678，邮箱 zhang@example.com，路灯三天不亮 😀"
SAID: dict[str, Any] = {"text": VERBATIM, "title": "联系人：张三丰", "phone": "139 1234-5678", "name": "欧阳𠮷"}


@pytest.fixture
def key() -> DataKey:
    return DataKey(1, Key.new())


def sealed_report(key: DataKey, text: str | None) -> Report:
    report = Report(id=5)
    seal(report, key, text=text)
    return report


# -- sealing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["小区漏水", "", "𠮷 😀 👨‍👩‍👧", "e\u0301 é", "a\0b", "长" * 100_000])
def test_a_sealed_text_opens_as_it_was(key: DataKey, text: str) -> None:
    assert unseal(sealed_report(key, text), key, "text") == text


def test_what_was_not_said_stays_null(key: DataKey) -> None:
    report = sealed_report(key, None)

    assert report.text is None
    assert unseal(report, key, "text") is None


def test_a_sealed_text_opens_after_it_was_stored() -> None:
    contact = Contact.objects.get(id=received(**SAID).contact_id)

    assert unseal(contact, keys_of([contact.key_id])[contact.key_id], "text") == VERBATIM


def test_a_sealed_text_opens_in_a_row_whose_key_has_two_parts() -> None:
    answer = received()
    case = case_of(answer)
    text = CaseText.objects.get(case_id=case.id, month=case.month)

    assert unseal(text, keys_of([case.id])[case.id], "code") == answer.code


def test_it_opens_with_no_other_key(key: DataKey) -> None:
    with pytest.raises(Unreadable):
        unseal(sealed_report(key, "漏水"), DataKey(1, Key.new()), "text")


def test_it_opens_in_no_other_row(key: DataKey) -> None:
    report = sealed_report(key, "漏水")
    report.id = 6

    with pytest.raises(Unreadable, match="report:6:text"):
        unseal(report, key, "text")


def test_it_opens_in_no_other_field(key: DataKey) -> None:
    report = sealed_report(key, "漏水")
    report.public_text = report.text

    with pytest.raises(Unreadable, match="report:5:public_text"):
        unseal(report, key, "public_text")


def test_it_opens_in_no_other_table(key: DataKey) -> None:
    message = Message(id=5, text=sealed_report(key, "漏水").text)

    with pytest.raises(Unreadable, match="message:5:text"):
        unseal(message, key, "text")


@pytest.mark.parametrize("place", range(1 + 12 + 6 + 16))
def test_no_byte_of_it_can_be_changed(key: DataKey, place: int) -> None:
    """Header, nonce, two characters of three bytes, tag."""
    sealed = bytearray(sealed_report(key, "漏水").text)
    assert len(sealed) == 35
    sealed[place] ^= 1

    with pytest.raises(Unreadable):
        unseal(Report(id=5, text=bytes(sealed)), key, "text")


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28, 34])
def test_it_can_not_be_cut_short(key: DataKey, length: int) -> None:
    with pytest.raises(Unreadable):
        unseal(Report(id=5, text=sealed_report(key, "漏水").text[:length]), key, "text")


def test_two_seals_of_one_text_differ(key: DataKey) -> None:
    one, other = sealed_report(key, "漏水").text, sealed_report(key, "漏水").text

    assert one[:1] == other[:1]
    assert one[1:13] != other[1:13]
    assert one[13:] != other[13:]


def test_the_header_carries_suite_and_key_number(key: DataKey) -> None:
    index, data_key = bytes(blind_index("漏水", "name")), sealed_report(key, "漏水").text

    assert (data_key[0], index[0]) == (0x10, 0x11)
    assert Key.new(15).seal(b"", "x")[0] == 0x1F
    with pytest.raises(ValueError, match="four bits"):
        header(16)


def test_a_key_does_not_show_its_secret(key: DataKey) -> None:
    assert repr(key) == "DataKey(id=1, key=Key(number=0))"


def test_a_data_key_opens_for_its_owner_only() -> None:
    row, made = new_key(8)

    assert unwrap(8, bytes(row.wrapped)) == made
    assert made.key.secret not in row.wrapped
    with pytest.raises(Unreadable, match="vault_key:9"):
        unwrap(9, bytes(row.wrapped))


def test_an_erased_key_is_missing_among_the_keys() -> None:
    one, other = received().case_id or 0, received().case_id or 0
    VaultKey.objects.filter(id=one).delete()

    assert set(keys_of([one, other])) == {other}


def test_a_secret_of_no_chain_opens_for_its_purpose_only() -> None:
    sealed = seal_text("JBSWY3DP", purpose="second factor")

    assert sealed.isascii()
    assert "JBSWY3DP" not in sealed
    assert unseal_text(sealed, purpose="second factor") == "JBSWY3DP"
    with pytest.raises(Unreadable):
        unseal_text(sealed, purpose="something else")


# -- blind indexes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "0500-555 0101",
        "(0500) 555-0101",
        "０５００５５５０１０１",
        " 0500 555 0101\u3000",
        "0500—5550101",
        "+86 0500 5550101",
        "0086-0500-5550101",
        "(+86)05005550101",
    ],
)
def test_a_phone_is_found_however_it_is_written(written: str) -> None:
    assert phone_index(written) == phone_index("05005550101")


@pytest.mark.parametrize("another", ["05005550102", "5005550101", "0500555010", "8605005550101", "05005550101转8"])
def test_another_phone_is_not_found(another: str) -> None:
    assert phone_index(another) != phone_index("05005550101")


def test_a_requester_is_found_by_a_phone_written_otherwise() -> None:
    contact = Contact.objects.get(id=received(phone="0500-555 0101").contact_id)

    assert Requester.objects.get(phone_index=phone_index("０５００５５５０１０１")).id == contact.requester_id


def test_a_name_is_found_without_regard_to_width_case_and_spaces() -> None:
    assert blind_index("Ａnna　欧阳𠮷 ", "name") == blind_index("anna欧阳𠮷", "name")
    assert blind_index("欧阳吉", "name") != blind_index("欧阳𠮷", "name")


def test_indexes_of_different_purposes_have_nothing_in_common() -> None:
    assert blind_index("13900000001", "phone")[1:] != blind_index("13900000001", "code")[1:]


# -- looks -----------------------------------------------------------------------------------------------------


def test_a_look_is_logged_with_its_reason() -> None:
    contact = Contact.objects.get(id=received(**SAID).contact_id)
    key = keys_of([contact.key_id])[contact.key_id]

    assert reveal(contact, key, "text", actor="user:7", at=NOW, reason=" 回电核实 ") == VERBATIM

    [look] = Reveal.objects.all()
    assert (look.actor, look.chain_id, look.field) == ("user:7", contact.case_id, f"contact:{contact.id}:text")
    assert (look.at, look.reason) == (NOW, "回电核实")


@pytest.mark.parametrize("reason", ["", " ", "\u3000\n"])
def test_without_a_reason_nobody_looks(reason: str) -> None:
    contact = Contact.objects.get(id=received().contact_id)
    key = keys_of([contact.key_id])[contact.key_id]

    with pytest.raises(IntegrityError, match="reveal_needs_reason"), transaction.atomic():
        reveal(contact, key, "text", actor="user:7", at=NOW, reason=reason)

    assert not Reveal.objects.exists()


# -- the whole database ----------------------------------------------------------------------------------------


def whole_database() -> str:
    """Return every row of every table as PostgreSQL writes it."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")  # noqa: S608
            rows += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(rows)


def forms(text: str) -> list[str]:
    """Return how a text would look in a plain column, a binary one, or one of base64."""
    plain = text.encode()
    return [text, plain.hex(), base64.b64encode(plain).decode(), ascii(text)[1:-1]]


def test_no_table_holds_what_a_citizen_said_in_the_clear() -> None:
    answer = received(**SAID, fields={"address": "南岭村 18 号"}, external_id="row 1")
    received(**SAID, kind="verification")
    verified_case(unit())

    stored = whole_database()

    assert case_of(answer).number in stored
    assert "路灯三天不亮 😀" in stored
    secrets = [VERBATIM, "13912345678", "139 1234-5678", "1234-5678", "欧阳𠮷", "张三丰", "zhang@", "南岭村 18 号"]
    for secret in [*secrets, answer.code or "", "0500-555 2207", "已说明处理步骤和时间", "已修好，请诉求人看过。"]:
        for form in forms(secret):
            assert form not in stored, secret


# -- ids -------------------------------------------------------------------------------------------------------


def test_ids_taken_by_many_threads_are_all_different(own_database: Urls) -> None:
    def take(n: int) -> list[int]:
        try:
            return take_ids(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        taken = [row_id for ids in threads.map(take, [1, 7, 50] * 20) for row_id in ids]

    assert len(set(taken)) == len(taken) == 20 * 58


def test_no_ids_are_none() -> None:
    assert take_ids(0) == []


def test_an_id_belongs_to_one_row_of_the_whole_register() -> None:
    verified_case(unit())

    models = [*Report.__base__.__subclasses__(), Contact, Case, Requester, Message]  # type: ignore[union-attr]
    ids = [row_id for model in models for row_id in model.objects.values_list("id", flat=True)]

    assert len(set(ids)) == len(ids)
