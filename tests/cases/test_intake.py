"""Door 1 on a real database: what comes in becomes a contact, perhaps a case, at its own time, once."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.blanks import CODE
from huying.cases.intake import Arrival, Intake, Received, register, register_all
from huying.cases.models import Case, CaseText, Clock, Contact, Message, Origin, Refusal, Requester
from huying.directory.models import ContactPoint
from huying.ledger.models import LedgerLine
from huying.people.models import Post
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import KINDS_WITHOUT_CASE, Kind, RefusalCode
from huying.rules.working_text import working_title
from huying.vault.seals import keys_of, unseal
from tests.builders import NOW, PHONE, at, case_of, intake, into, received

pytestmark = pytest.mark.django_db


def opened(contact_id: int, field: str) -> str | None:
    contact = Contact.objects.get(id=contact_id)
    return unseal(contact, keys_of([contact.key_id])[contact.key_id], field)


def arrivals(*intakes: Intake) -> list[Arrival]:
    return [Arrival(one, NOW) for one in intakes]


# -- contact and case ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(KINDS_WITHOUT_CASE))
def test_a_contact_of_such_a_kind_opens_no_case_but_has_its_own_chain(kind: Kind) -> None:
    answer = received(kind=kind)

    contact = Contact.objects.get()
    assert answer == Received(contact.id, None, None, None)
    assert (contact.case_id, contact.key_id) == (None, contact.id)
    assert list(LedgerLine.objects.filter(chain_id=contact.id).values_list("event", "seq")) == [
        ("contact_received", 1)
    ]
    assert not Case.objects.exists()
    assert not Message.objects.exists()
    assert opened(contact.id, "text") == intake().text


def test_the_rulebook_decides_which_kind_opens_a_case() -> None:
    assert received(rulebook_id="message-board", kind=Kind.UNSORTED).number is not None


def test_a_case_gets_number_code_clocks_and_receipt() -> None:
    answer = received()

    case = case_of(answer)
    assert (case.number, case.stage, case.month.isoformat()) == ("YC-2026-000001", "received", "2026-03-01")
    assert answer.code is not None
    assert len(answer.code) == 8
    assert dict(Clock.objects.values_list("step", "due_at")) == {"register": at(3, 12), "assign": at(3, 12)}
    assert (case.due_at, case.ledger_seq) == (at(3, 12), 1)
    message = Message.objects.get()
    assert unseal(message, keys_of([case.id])[case.id], "text") == (
        f"您反映的事已经登记。编号 {case.number}，查询码 {CODE}。"
    )


def test_without_a_phone_the_code_has_twelve_digits() -> None:
    answer = received(rulebook_id="message-board", phone=None)

    assert len(answer.code or "") == 12


def test_what_lacks_a_required_field_waits_for_it_and_only_the_offices_own_term_runs() -> None:
    answer = received(phone=None)

    case = case_of(answer)
    assert (case.stage, case.due_step) == ("pending_info", "office")
    assert Clock.objects.get().step == "office"
    assert LedgerLine.objects.get(chain_id=case.id).event == "registered_incomplete"
    assert answer.number == case.number


def test_a_required_field_of_blanks_is_missing() -> None:
    answer = received(rulebook_id="henan-xinfang", channel="sms", name="   ", fields={"address": " "})

    assert case_of(answer).stage == "pending_info"


# -- at ------------------------------------------------------------------------------------------------------------


def test_terms_number_and_month_follow_the_moment_and_not_the_recording() -> None:
    happened, recorded = at(12, 31, 23, 30, year=2025), at(3, 10, 9)

    answer = register(intake(), happened, into(recorded))

    assert isinstance(answer, Received)
    case = case_of(answer)
    assert answer.number == "YC-2025-000001"
    assert (case.month.isoformat(), case.received_at) == ("2025-12-01", happened)
    clock = Clock.objects.get(step="assign")
    assert (clock.started_at, clock.due_at, clock.recorded_at) == (happened, at(1, 5), recorded)
    line = LedgerLine.objects.get(chain_id=case.id)
    assert (line.at, line.recorded_at) == (happened, recorded)


def test_the_year_is_that_of_the_citys_clocks() -> None:
    answer = received(datetime(2025, 12, 31, 16, 0, tzinfo=UTC))

    assert answer.number == "YC-2026-000001"
    assert case_of(answer).month.isoformat() == "2026-01-01"


def test_each_year_counts_for_itself() -> None:
    place = into()
    moments = [at(5, 1, year=2024), at(5, 1, year=2025), at(6, 1, year=2024)]

    answers = register_all([Arrival(intake(), moment) for moment in moments], place)

    numbers = [answer.number for answer in answers if isinstance(answer, Received)]
    assert numbers == ["YC-2024-000001", "YC-2025-000001", "YC-2024-000002"]


@pytest.mark.parametrize(
    "moment", [NOW + timedelta(microseconds=1), datetime(1970, 1, 1, tzinfo=UTC), datetime(1999, 12, 31, tzinfo=UTC)]
)
def test_a_moment_in_the_future_or_before_the_century_is_refused(moment: datetime) -> None:
    assert register(intake(), moment, into()) == Refused(RefusalCode.FIELD_INVALID, "at")
    assert not Contact.objects.exists()


@pytest.mark.parametrize("moment", [NOW, datetime(2000, 1, 1, tzinfo=UTC)])
def test_this_very_moment_and_the_first_of_the_century_are_possible(moment: datetime) -> None:
    assert isinstance(register(intake(), moment, into()), Received)


# -- what goes out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "origin", "messages"),
    [
        (timedelta(hours=24), Origin.LIVE, 1),
        (timedelta(hours=24, microseconds=1), Origin.LIVE, 0),
        (timedelta(0), Origin.IMPORT, 0),
        (timedelta(days=400), Origin.IMPORT, 0),
    ],
)
def test_history_and_what_is_recorded_late_send_nothing(late: timedelta, origin: Origin, messages: int) -> None:
    answer = register(intake(origin=origin), NOW - late, into(NOW))

    assert isinstance(answer, Received)
    assert answer.code
    assert Message.objects.count() == ProcrastinateJob.objects.count() == messages
    assert Clock.objects.count() == 2


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"text": ""}, Refused(RefusalCode.FIELD_REQUIRED, "text")),
        ({"text": " \n　"}, Refused(RefusalCode.FIELD_REQUIRED, "text")),
        ({"text": "漏水\0"}, Refused(RefusalCode.FIELD_INVALID, "text")),
        ({"text": "漏水\ud83d"}, Refused(RefusalCode.FIELD_INVALID, "text")),
        ({"title": "漏\0水"}, Refused(RefusalCode.FIELD_INVALID, "text")),
        ({"account": "\udc80"}, Refused(RefusalCode.FIELD_INVALID, "text")),
        ({"fields": {"address": "\0"}}, Refused(RefusalCode.FIELD_INVALID, "text")),
        ({"external_id": "a\0"}, Refused(RefusalCode.FIELD_INVALID, "external_id")),
        ({"external_id": "长" * 201}, Refused(RefusalCode.FIELD_INVALID, "external_id")),
        ({"phone": "没有电话"}, Refused(RefusalCode.FIELD_INVALID, "contact_phone")),
        ({"fields": {"\ud83d": "河滨路"}}, Refused(RefusalCode.FIELD_INVALID, "text")),
        ({"channel": " "}, Refused(RefusalCode.FIELD_REQUIRED, "channel")),
        ({"channel": "sms\0"}, Refused(RefusalCode.FIELD_INVALID, "channel")),
        ({"channel": "x" * 25}, Refused(RefusalCode.FIELD_INVALID, "channel")),
        ({"kind": "zzz"}, Refused(RefusalCode.FIELD_INVALID, "kind")),
        ({"complexity": "zzz"}, Refused(RefusalCode.FIELD_INVALID, "complexity")),
        ({"complexity": "critical"}, Refused(RefusalCode.FIELD_INVALID, "complexity")),
        ({"complexity": None}, Refused(RefusalCode.FIELD_INVALID, "complexity")),
        ({"origin": "zzz"}, Refused(RefusalCode.FIELD_INVALID, "origin")),
        *(
            ({field: value}, Refused(RefusalCode.FIELD_INVALID, field))
            for field in ("post", "contact_point")
            for value in (4711, 0, -1, 10**30, True, "1", [1])
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(given: dict[str, Any], refused: Refused) -> None:
    assert register(intake(**given), NOW, into()) == refused

    row = Refusal.objects.get()
    assert (row.verb, row.code, row.field, row.case_id) == ("contact", refused.code, refused.field, None)
    assert (row.actor, row.at) == ("user:1001", NOW)
    assert not Contact.objects.exists()


def test_a_post_and_a_contact_point_that_exist_are_kept_and_cost_one_statement() -> None:
    post = Post.objects.create(code="mayor", name="市长")
    point = ContactPoint.objects.create(post=post, kind="phone", value="0500-5550001")
    place = into()
    received()

    with CaptureQueriesContext(connection) as queries:
        register(intake(name="何一", post=post.id, contact_point=point.id), NOW, place)

    contact = Contact.objects.latest("id")
    assert (contact.post_id, contact.contact_point_id) == (post.id, point.id)
    assert sum("people_post" in query["sql"] for query in queries.captured_queries) == 1
    assert len([one for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]]) <= 12


def test_the_id_of_a_post_is_none_of_a_contact_point() -> None:
    post = Post.objects.create(code="mayor", name="市长")

    assert register(intake(contact_point=post.id), NOW, into()) == Refused(RefusalCode.FIELD_INVALID, "contact_point")


def test_a_channel_of_twenty_four_characters_is_kept() -> None:
    assert received(channel="长" * 24).number is not None


def test_a_refused_one_stops_no_other_of_its_batch() -> None:
    results = register_all(arrivals(intake(), intake(""), intake("路灯不亮")), into())

    assert [type(result) for result in results] == [Received, Refused, Received]
    assert (Case.objects.count(), Refusal.objects.count()) == (2, 1)


def test_nothing_is_done_for_nobody() -> None:
    assert register_all([], into()) == []


# -- known by its external id --------------------------------------------------------------------------------------


def test_the_same_thing_delivered_again_is_answered_again() -> None:
    place = into()
    first = register(intake(external_id="m-1"), NOW, place)

    again = register(intake(external_id="m-1"), NOW, replace(place, recorded_at=at(3, 20)))

    assert isinstance(first, Received)
    assert again == replace(first, again=True)
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"text": "路灯不亮"}, {"phone": None}, {"kind": Kind.HELP}, {"fields": {"address": "河滨路 1 号"}}]
)
def test_another_thing_under_a_known_id_is_refused(other: dict[str, str]) -> None:
    place = into()
    register(intake(external_id="m-1"), NOW, place)

    answer = register(intake(**{"external_id": "m-1", **other}), NOW, place)

    assert answer == Refused(RefusalCode.IDENTITY_REUSED, "external_id")
    assert Contact.objects.count() == Refusal.objects.count() == 1


def test_another_channel_has_ids_of_its_own() -> None:
    place = into()
    results = register_all(arrivals(intake(external_id="m-1"), intake(external_id="m-1", channel="sms")), place)

    assert [result.again for result in results if isinstance(result, Received)] == [False, False]


def test_within_one_batch_too_the_same_is_known_and_another_is_refused() -> None:
    twins = arrivals(*(intake(text, external_id="m-1") for text in ("漏水", "漏水", "路灯不亮")))

    first, second, third = register_all(twins, into())

    assert isinstance(first, Received)
    assert second == replace(first, again=True)
    assert third == Refused(RefusalCode.IDENTITY_REUSED, "external_id")
    assert Contact.objects.count() == 1


def test_the_twin_of_a_refused_arrival_is_registered() -> None:
    late = Arrival(intake(external_id="m-1"), NOW + timedelta(days=1))

    refused, taken = register_all([late, *arrivals(intake(external_id="m-1"))], into())

    assert isinstance(refused, Refused)
    assert isinstance(taken, Received)


# -- who it is -----------------------------------------------------------------------------------------------------


def test_the_requester_of_an_account_is_found_again() -> None:
    place = into(rulebook_id="message-board")
    register_all(arrivals(intake(account="u1", phone=None), intake("路灯不亮", account="u1", phone=None)), place)

    register(intake("井盖", account="u1", phone=None), NOW, place)

    assert Requester.objects.count() == 1
    assert len({contact.requester_id for contact in Contact.objects.all()}) == 1


@pytest.mark.parametrize("other", ["U1", "u 1", "ｕ1"])
def test_accounts_that_merely_look_alike_are_two_people(other: str) -> None:
    register_all(arrivals(intake(account="u1"), intake("路灯不亮", account=other)), into())

    assert Requester.objects.count() == 2


def test_an_account_of_another_channel_is_somebody_else() -> None:
    register_all(arrivals(intake(account="u1"), intake("路灯不亮", account="u1", channel="sms")), into())

    assert Requester.objects.count() == 2


def test_equal_phones_and_names_never_join() -> None:
    place = into()
    register_all(arrivals(intake(name="何一"), intake("路灯不亮", name="何一")), place)

    requesters = Requester.objects.all()
    assert len(requesters) == 2
    assert len({bytes(one.phone_index or b"") for one in requesters}) == 1


def test_phone_and_name_that_a_known_account_says_later_are_kept_with_that_contact() -> None:
    place = into(rulebook_id="message-board")
    register(intake(account="u1", phone=None), NOW, place)

    later = register(intake("路灯不亮", account="u1", name="何一", fields={"address": "河滨路"}), NOW, place)

    assert isinstance(later, Received)
    kept = json.loads(opened(later.contact_id, "fields") or "")
    assert kept == {"contact_phone": PHONE, "name": "何一", "address": "河滨路"}
    assert len(later.code or "") == 12


# -- what is kept and shown ----------------------------------------------------------------------------------------


def test_the_verbatim_is_kept_to_the_letter() -> None:
    text = " 吉𠮷🏮é\r\n\t漏水　"
    answer = received(text=text, title="𠮷🏮")

    assert opened(answer.contact_id, "text") == text
    assert opened(answer.contact_id, "title") == "𠮷🏮"
    assert CaseText.objects.get().text == text


def test_the_working_text_hides_who_it_is() -> None:
    received(text="我是何小一，电话13900000001，房东何小一不管", title="何小一的房子", name="何小一")

    shown = CaseText.objects.get()
    assert shown.text == "我是何**，电话***********，房东***不管"
    assert shown.title == "***的房子"


def test_no_table_holds_phone_name_or_account_in_the_clear() -> None:
    received(text="请回电", name="欧阳小一", account="account-of-mine", external_id="m-1")

    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            stored = "\n".join(row for (row,) in cursor.fetchall())
            for secret in (PHONE, "欧阳小一", "account-of-mine"):
                assert secret not in stored, table
                assert secret.encode().hex() not in stored, table


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("小区漏水，无人修", "小区漏水"),
        ("，漏水", "，漏水"),
        ("字" * 20, "字" * 20),
        ("字" * 21, "字" * 19 + "…"),
        ("  第一行\n第二行", "第一行"),
    ],
)
def test_a_title_is_the_first_clause_of_at_most_twenty_characters(text: str, title: str) -> None:
    assert working_title(text) == title


def test_the_receipt_of_an_incomplete_report_names_what_is_missing_in_chinese() -> None:
    case = received(phone=None)

    message = Message.objects.get(case=case.case_id)
    told = unseal(message, keys_of([case.case_id or 0])[case.case_id or 0], "text")
    assert "还缺：联系电话。补齐以后开始办理。" in (told or "")
