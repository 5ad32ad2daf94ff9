"""A query whose SQL is written once: Django takes longer to write most queries than PostgreSQL to answer them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
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


@dataclass(frozen=True)
class _Always:
    """A parameter that is the same each time."""

    value: Any


class Written(Generic[Row]):
    """The rows of a queryset, for the parameters of each call.

    `rows` builds the queryset of parameters that come one by one, each a bytes, date, datetime, int or str that goes
    into the SQL as it is; it is called once. What a queryset joins by `select_related` is not read.
    """

    def __init__(self, rows: Callable[..., QuerySet[Row, Any]]) -> None:
        self._rows = rows
        self._kinds: Sequence[type] = ()

    def __call__(self, *given: Any) -> list[Row]:
        """Return the rows, with annotations as attributes (one statement)."""
        found = self.tuples(*given)
        sql = self._sql
        return [sql.row(values) for values in sql.converted(found)]

    def tuples(self, *given: Any) -> list[tuple[Any, ...]]:
        """Return the columns of each row as PostgreSQL has them (one statement)."""
        return self._asked(given)[1]

    def dicts(self, *given: Any) -> list[dict[str, Any]]:
        """Return the columns of each row by their names (one statement)."""
        names, found = self._asked(given)
        return [dict(zip(names, row, strict=True)) for row in found]

    def _asked(self, given: Sequence[Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
        self._kinds = self._kinds or [type(one) for one in given]
        with connection.cursor() as cursor:
            cursor.execute(self._sql.text, self._sql.params_for(given))
            return [column.name for column in cursor.description or ()], cursor.fetchall()

    @cached_property
    def _sql(self) -> "_Sql":
        return _Sql(self._rows, [_MARKS[kind](n) for n, kind in enumerate(self._kinds)])


class _Sql:
    """A queryset as SQL, and how Django makes rows of what that returns (`ModelIterable`)."""

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]], marks: Sequence[Any]) -> None:
        query = rows(*marks).query
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        self.text, params = compiler.as_sql()
        plain = [one.obj if isinstance(one, Binary) else one for one in params]
        self._params = [marks.index(one) if one in marks else _Always(one) for one in plain]
        unused = set(range(len(marks))) - {one for one in self._params if isinstance(one, int)}
        if unused:
            raise ValueError(f"the query has no place for its parameters {sorted(unused)}")
        self._model: Any = query.model  # None in a type alone
        self._fields: Sequence[int] = (compiler.klass_info or {}).get("select_fields", ())
        self._names = [compiler.select[n][0].target.attname for n in self._fields]
        self._annotations: Mapping[str, int] = compiler.annotation_col_map or {}
        self._converters = compiler.get_converters([column for column, *_ in compiler.select or ()])
        self._convert = compiler.apply_converters

    def params_for(self, given: Sequence[Any]) -> list[Any]:
        return [one.value if isinstance(one, _Always) else given[one] for one in self._params]

    def converted(self, found: Sequence[tuple[Any, ...]]) -> Sequence[Sequence[Any]]:
        return list(self._convert(found, self._converters)) if self._converters else found

    def row(self, values: Sequence[Any]) -> Any:
        one = self._model.from_db(DEFAULT_DB_ALIAS, self._names, [values[n] for n in self._fields])
        for name, n in self._annotations.items():
            setattr(one, name, values[n])
        return one
