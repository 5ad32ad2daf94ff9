"""The logs tell what went wrong in the database, and nothing of the row with which it did."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from huying.cases.models import Refusal
from tests.builders import NOW

PHONE = "0500-555 2299"
pytestmark = pytest.mark.django_db


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the settings' own handler writes meanwhile."""
    [console] = [handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler]
    written = io.StringIO()
    before = console.setStream(written)
    yield written
    if before is not None:
        console.setStream(before)


def insert_what_cannot_be() -> None:
    with transaction.atomic():
        row = Refusal(id=1, verb=f"漏水\nHINT:  请回电\n{PHONE}", code="", actor="x", at=NOW)
        row.save(force_insert=True)  # without recorded_at, which must be there


@pytest.mark.parametrize("wrapped", [False, True], ids=["itself", "as the cause of another"])
def test_a_row_that_the_database_quotes_is_not_in_the_logs(logged: io.StringIO, wrapped: bool) -> None:
    try:
        try:
            insert_what_cannot_be()
        except IntegrityError as failed:
            if not wrapped:
                raise
            raise RuntimeError("the case can't be kept") from failed
    except (IntegrityError, RuntimeError):
        logging.getLogger("huying.api.problems").exception("a request failed")

    said = logged.getvalue()
    assert 'IntegrityError: null value in column "recorded_at" of relation "refusal"' in said
    assert "insert_what_cannot_be" in said  # where it happened
    assert (PHONE in said, "漏水" in said, "DETAIL" in said) == (False, False, False)


def test_what_another_handler_wrote_of_it_is_not_taken_over(logged: io.StringIO) -> None:
    record = logging.LogRecord("any", logging.ERROR, "", 0, "failed", None, None)
    try:
        insert_what_cannot_be()
    except IntegrityError as failed:
        record.exc_info = (type(failed), failed, None)
    logging.Formatter().format(record)
    assert PHONE in (record.exc_text or "")

    logging.getLogger("any").handle(record)

    assert "failed\n" in logged.getvalue()
    assert PHONE not in logged.getvalue()
