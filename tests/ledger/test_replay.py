"""What no record says, but follows from the records, is found too when somebody changes it in the database.

The statements are those of the application's own role: nothing here needs a superuser.
"""

import pytest
from django.db import connection

from huying.cases.verification import broken_entries
from huying.rules.commands import Assign, RecordVerdict
from tests.builders import at, case_of, clerk, do, received, unit, verified_case

pytestmark = pytest.mark.django_db

CLOCK = "UPDATE clock SET {} WHERE case_id = %(case)s AND step = 'contact'"
CASE = 'UPDATE "case" SET {} WHERE id = %(case)s'


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_text SET text = '一切都好' WHERE case_id = %(case)s",
        "UPDATE case_text SET title = '一切都好' WHERE case_id = %(case)s",
        CASE.format("closed_as = 'unsatisfied'"),
        CASE.format("verdict = 'unsatisfied'"),
        CASE.format("closed_at = closed_at - interval '1 day'"),
        CASE.format("due_at = now() + interval '1 year', due_step = 'resolve'"),
        CASE.format("contact_due_at = contact_due_at + interval '1 day'"),
        CASE.format("contacted_at = contacted_at - interval '1 day'"),
        CASE.format("answer_due_at = NULL, answered_at = NULL"),
        CASE.format("answered_at = answered_at - interval '1 day'"),
        CASE.format("judged = 'understanding'"),
        CASE.format("judged = NULL"),
        CASE.format("level = 2"),
        CASE.format("complexity = 'complex'"),
        CASE.format("kind = 'praise'"),
        CASE.format("urgency = 'critical'"),
        CASE.format("number = 'YC-2026-999999'"),
        CASE.format("channel = 'letter'"),
        CASE.format("confidential = true"),
        CASE.format("flags = array['interview_proposed']"),
        CASE.format("contacts = 2"),
        CASE.format("origin = 'import'"),
        CASE.format("month = '2026-01-01'"),
        CASE.format("code_index = '\\x11'"),
        CASE.format("unit_id = (SELECT id FROM people_unit WHERE code = 'city')"),
        "DELETE FROM clock WHERE case_id = %(case)s",
        "DELETE FROM clock WHERE case_id = %(case)s AND step = 'callback'",
        CLOCK.format("due_at = due_at + interval '300 days', term = '300 calendar_days'"),
        CLOCK.format("term = '300 calendar_days'"),
        CLOCK.format("done_at = NULL"),
        CLOCK.format("done_at = started_at"),
        CLOCK.format("done_at = NULL, void_at = done_at"),
        CLOCK.format("why = '[]'"),
        CLOCK.format("provisional = true"),
        CLOCK.format("cycle = 7"),
        CLOCK.format("rungs_fired = 1"),
        CLOCK.format("started_at = started_at - interval '1 hour'"),
        CLOCK.format("start_event = 'received'"),
        "INSERT INTO clock SELECT nextval('huying_id'), cycle, 'return', start_event, started_at, term, due_at,"
        " provisional, why, calendar_version, done_at, void_at, recorded_at, case_id, unit_id, rungs_fired,"
        " extensions, pauses FROM clock"
        " WHERE case_id = %(case)s AND step = 'contact'",
        "UPDATE rulebook_version SET title = '别的规则'",
    ],
)
def test_a_forged_case_does_not_hold(statement: str) -> None:
    housing = unit()
    case = verified_case(housing)
    do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    assert list(broken_entries()) == []

    with connection.cursor() as cursor:
        cursor.execute(statement, {"case": case.case_id})

    assert len(list(broken_entries())) == 1


def test_an_open_case_without_its_terms_does_not_hold() -> None:
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    assert list(broken_entries()) == []

    with connection.cursor() as cursor:
        cursor.execute("UPDATE clock SET due_at = due_at + interval '1 day' WHERE step = 'resolve'")

    [broken] = broken_entries()
    assert (broken.chain_id, broken.why) == (
        case_of(case).id,
        "the resolve clock of cycle 1 doesn't follow from its ledger",
    )
