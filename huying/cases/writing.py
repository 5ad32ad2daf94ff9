"""Writing many rows of a table in one statement, as one JSON document that the database takes apart.

With a parameter for each value most of the time would go into placeholders, here and in the database.
"""

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Field, Model


def insert(rows: Sequence[Model], changing: Collection[str] = ()) -> None:
    """Insert rows of one model; of one whose id is there already, change these fields alone."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if field.attname != "id" or rows[0].pk is not None]
    columns = _listed(fields)
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in map(_column, _named(rows[0], changing)))
    on_conflict = f"ON CONFLICT (id) DO UPDATE SET {changes}" if changes else ""
    _execute(
        f"INSERT INTO {_table(rows[0])} ({columns}) SELECT {columns} FROM {_document(fields)} {on_conflict}",  # noqa: S608  # names of our own
        rows,
        fields,
    )


def update(rows: Sequence[Model], names: Collection[str]) -> None:
    """Write these fields of rows that are there."""
    if not rows:
        return
    changed = _named(rows[0], names)
    changes = ", ".join(f"{name} = said.{name}" for name in map(_column, changed))
    fields = [*_named(rows[0], ["id"]), *changed]
    table = _table(rows[0])
    _execute(f"UPDATE {table} SET {changes} FROM {_document(fields)} WHERE {table}.id = said.id", rows, fields)  # noqa: S608


def _execute(statement: str, rows: Sequence[Model], fields: Sequence["Field[Any, Any]"]) -> None:
    document = [{field.column: getattr(row, field.attname) for field in fields} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(document, default=_written, ensure_ascii=False)])


def _document(fields: Sequence["Field[Any, Any]"]) -> str:
    types = ", ".join(f"{_column(field)} {field.db_type(connection)}" for field in fields)
    return f"json_to_recordset(%s::json) AS said({types})"


def _named(row: Model, names: Collection[str]) -> list["Field[Any, Any]"]:
    return [row._meta.get_field(name) for name in names]  # type: ignore[misc]  # no relation from elsewhere


def _listed(fields: Sequence["Field[Any, Any]"]) -> str:
    return ", ".join(map(_column, fields))


def _column(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))


def _table(row: Model) -> str:
    return connection.ops.quote_name(row._meta.db_table)


def _written(value: object) -> str:
    match value:
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            return f"\\x{bytes(value).hex()}"
    raise TypeError(f"no column holds a {type(value).__name__}")
