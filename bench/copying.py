"""A register filled fast: cases that came through the doors are copied by SQL, each further back in time."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connections, models

from huying.cases.models import Assignment, Case, Clock, Contact, Report, Verdict
from huying.ledger.models import LedgerLine

YEAR = timedelta(days=365)
# What figures read. Sealed fields are copied as they are: nobody opens them.
_TABLES: tuple[type[models.Model], ...] = (Case, Clock, Contact, Assignment, Report, Verdict, LedgerLine)


def copied(times: int) -> None:
    """Copy every case `times`, the copies spread evenly over the year before it."""
    step = YEAR / times
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT nextval('huying_id')")
        [stride] = cursor.fetchone()
        for table in _TABLES:
            columns = dict(_columns(table))
            cursor.execute(  # only names of tables and columns are put together
                f'INSERT INTO "{table._meta.db_table}" ({", ".join(columns)})'  # noqa: S608
                f' SELECT {", ".join(columns.values())} FROM "{table._meta.db_table}",'
                " generate_series(1, %(times)s) AS k",
                {"times": times, "step": f"{step.total_seconds()} seconds", "stride": stride},
            )
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # now, and not beside what is measured


def _columns(table: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Yield each column with what a copy has in it: other ids, an earlier time, a number of its own."""
    for field in table._meta.concrete_fields:
        name = f'"{field.column}"'
        if isinstance(field, models.AutoField):
            continue
        if field.column in {"id", "case_id", "chain_id", "record_id"}:
            yield name, f"{name} + k * %(stride)s::bigint"
        elif isinstance(field, models.DateTimeField):
            yield name, f"{name} - k * %(step)s::interval"
        else:
            yield name, {"number": f"{name} || '-' || k", "external_id": "NULL"}.get(field.column or "", name)
