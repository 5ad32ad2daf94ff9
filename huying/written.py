"""A query whose SQL is written once: Django takes longer to write most queries than PostgreSQL to answer them."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from psycopg import Binary

Row = TypeVar("Row", bound=Model)
# What stands in the SQL for the parameter with this number: nobody asks for such a value.
_MARKS: dict[type, Callable[[int], Any]] = {
    bytes: lambda n: b"parameter %d" % n,
    date: lambda n: date.max - timedelta(days=n),
    datetime: lambda n: datetime.max.replace(tzinfo=UTC) - timedelta(days=n + 1),
    int: lambda n: -(2**40) - n,
    str: lambda n: f"parameter {n}",
}


class Written(Generic[Row]):
    """The rows of a queryset, for the parameters of each call; annotations are attributes of the rows.

    `rows` builds the queryset of parameters that come one by one, each a bytes, date, datetime, int or str that goes
    into the SQL as it is. It is called once; what it joins by `select_related` is not read.
    """

    def __init__(self, rows: Callable[..., QuerySet[Row]]) -> None:
        self._rows = rows
        self._model: type[Row]
        self._sql: str | None = None
        self._params: Sequence[Any] = ()  # the number of a parameter, or a list of the one value that is always there

    def __call__(self, *given: Any) -> list[Row]:
        """Return the rows (one statement)."""
        if self._sql is None:
            self._write([type(one) for one in given])
        params = [one[0] if isinstance(one, list) else given[one] for one in self._params]
        return list(self._model._default_manager.raw(self._sql or "", params))

    def _write(self, kinds: Sequence[type]) -> None:
        marks = [_MARKS[kind](n) for n, kind in enumerate(kinds)]
        rows = self._rows(*marks)
        sql, params = rows.query.sql_with_params()
        self._model = rows.model
        plain = [one.obj if isinstance(one, Binary) else one for one in params]
        self._params = [marks.index(one) if one in marks else [one] for one in plain]
        self._sql = sql  # last, for whoever comes meanwhile
        unused = set(range(len(marks))) - {one for one in self._params if isinstance(one, int)}
        if unused:
            raise ValueError(f"the query has no place for its parameters {sorted(unused)}")
