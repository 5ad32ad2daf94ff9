"""Units from a file, as a tree: what the file would change, what is wrong with it, and taking it over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from huying.people.models import Unit
from huying.people.office import ROOT, make_unit, move_unit

from .table import BadTable, Change, Row, Table, read_table

FIELDS = {
    "code": ("code", "编码", "单位编码"),
    "name": ("name", "名称", "单位名称"),
    "parent": ("parent", "上级", "上级单位", "上级编码"),
    "abolished_on": ("abolished_on", "撤销日期", "撤销时间"),
}


@dataclass(frozen=True, slots=True)
class UnitState:
    """A unit as it is or shall be; the parent by its code."""

    name: str
    parent: str | None
    abolished_on: date | None


Tree = Mapping[str, UnitState]


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What a file would do: every row in words, and the units that become something else."""

    changes: tuple[Change, ...]
    wanted: Tree
    unread: tuple[str, ...]


def plan_units(path: Path) -> UnitPlan:
    """Compare a file with the units there are. A blank parent means the office's own level; a column that is absent
    changes nothing. Raises SheetError, BadTable.
    """
    table = read_table(path, FIELDS, ("code", "name", "parent"))
    known = _known()
    rows = {row["code"]: row for row in table.coded()}
    told = {code: _told(table, row, known.get(code)) for code, row in rows.items()}
    _check(table, rows, {**known, **told})
    if table.problems:
        raise BadTable(table.problems)
    changes = tuple(_change(code, known.get(code), state) for code, state in told.items())
    wanted = {code: state for code, state in told.items() if known.get(code) != state}
    return UnitPlan(changes, wanted, table.unread)


def take_units(plan: UnitPlan) -> None:
    """Make the units as planned, parents first. To be called in a transaction."""
    for code in sorted(plan.wanted, key=lambda code: len(list(_above(code, plan.wanted)))):
        state = plan.wanted[code]
        parent = Unit.objects.get(code=state.parent) if state.parent else None
        unit = Unit.objects.filter(code=code).first()
        if unit is None:
            unit = make_unit(code, state.name, parent)
        elif parent is not None and unit.parent_id != parent.id:
            move_unit(unit, parent)
        Unit.objects.filter(code=code).update(name=state.name, abolished_on=state.abolished_on)


def _known() -> dict[str, UnitState]:
    units = Unit.objects.select_related("parent")
    return {
        unit.code: UnitState(unit.name, unit.parent.code if unit.parent else None, unit.abolished_on)
        for unit in units
    }


def _told(table: Table, row: Row, known: UnitState | None) -> UnitState:
    parent = row["parent"] or (None if row["code"] == ROOT else ROOT)
    abolished = known.abolished_on if known else None
    if table.has("abolished_on"):
        abolished = table.day(row, "abolished_on")
    return UnitState(row["name"], parent, abolished)


# -- what is wrong -------------------------------------------------------------------------------------------------


def _check(table: Table, rows: Mapping[str, Row], tree: Tree) -> None:
    in_file = {row["code"] for row in table.rows}
    if (root := rows.get(ROOT)) and (root["parent"] or root["abolished_on"]):
        table.complain(root, "parent", f"{ROOT} is the office's own level: nothing is above it, and it stays")
    for code, row in rows.items():
        parent = tree[code].parent
        if parent and parent not in tree and parent not in in_file:
            table.complain(row, "parent", f"there is no unit {parent!r}, here or in this file")
    _check_circles(table, rows, tree)
    _check_names(table, rows, tree)
    _check_abolished(table, rows, tree)


def _above(code: str, tree: Tree) -> Iterator[str]:
    """Yield a unit and those above it, as far as they are in `tree`, and not around a circle."""
    passed: set[str] = set()
    at: str | None = code
    while at is not None and at in tree and at not in passed:
        yield at
        passed.add(at)
        at = tree[at].parent


def _check_circles(table: Table, rows: Mapping[str, Row], tree: Tree) -> None:
    """Complain once about each circle, at its first line, and name all of it."""
    named: set[str] = set()
    for code, row in sorted(rows.items(), key=lambda item: item[1].line):
        chain = list(_above(code, tree))
        if code in named or tree[chain[-1]].parent != code:
            continue
        named.update(chain)
        steps = " → ".join(f"{one} (line {rows[one].line})" if one in rows else one for one in [*chain, code])
        table.complain(row, "parent", f"the parents run in a circle: {steps}")


def _check_names(table: Table, rows: Mapping[str, Row], tree: Tree) -> None:
    bearers: dict[tuple[str | None, str], list[str]] = {}
    for code, unit in tree.items():
        if unit.abolished_on is None:
            bearers.setdefault((unit.parent, unit.name), []).append(code)
    for (parent, name), codes in bearers.items():
        # Those that are there already stand first in the tree; of a file the earlier line does.
        first, *others = sorted(codes, key=lambda code: rows[code].line if code in rows else 0)
        place = f"line {rows[first].line}" if first in rows else first
        for code in others:
            if code in rows:
                table.complain(rows[code], "name", f"{parent} has a unit {name!r} already: {place}")


def _check_abolished(table: Table, rows: Mapping[str, Row], tree: Tree) -> None:
    """Complain where a unit that exists would be below one that is abolished."""
    for code, unit in tree.items():
        parent = tree.get(unit.parent) if unit.parent else None
        if unit.abolished_on or unit.parent is None or parent is None or not parent.abolished_on:
            continue
        if code in rows:
            table.complain(rows[code], "parent", f"its parent {unit.parent!r} is abolished")
        elif unit.parent in rows:
            table.complain(rows[unit.parent], "abolished_on", f"{code!r} below it is not abolished")


# -- in words ------------------------------------------------------------------------------------------------------


def _change(code: str, known: UnitState | None, told: UnitState) -> Change:
    if known is None:
        ended = (f"abolished on {told.abolished_on}",) if told.abolished_on else ()
        return Change("new", code, (f"{told.name}, under {told.parent}", *ended))
    if known == told:
        return Change("unchanged", code)
    says = [
        f"{words}: {before or '–'} → {after or '–'}"
        for words, before, after in (
            ("name", known.name, told.name),
            ("parent", known.parent, told.parent),
            ("abolished on", known.abolished_on, told.abolished_on),
        )
        if before != after
    ]
    return Change("abolished" if told.abolished_on and not known.abolished_on else "changed", code, tuple(says))
