"""`huying ledger verify`: recompute every chain, every row that a line vouches for, and every case from its lines."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef

from huying.ledger.chain import Broken, canonical, first_broken
from huying.ledger.models import LedgerLine
from huying.rules.stages import stage_after
from huying.rules.vocabulary import Stage
from huying.vault.models import VaultKey
from huying.vault.seals import DataKey, unwrap
from huying.vault.suite import Unreadable

from .calendars import loading_facts
from .models import Act, CalendarVersion, Case, CaseText, Clock, Contact, Record, RulebookVersion
from .records import RECORD_OF_TABLE, facts_of, opened_by, opening_facts, replaced_by
from .replay import first_untruth
from .rulebooks import adoption_facts, ruleset, version

BATCH = 500  # chains at a time
# The events by which a case was opened: their lines vouch for how.
_OPENING = frozenset({"registered", "registered_incomplete", "case_opened", "case_opened_incomplete"})
_ADOPTED: tuple[type[Model], ...] = (RulebookVersion, CalendarVersion)
_TABLES: Mapping[str, type[Model]] = {**RECORD_OF_TABLE, **{model._meta.db_table: model for model in _ADOPTED}}
# The column that says in which chain a row's line must stand; in all other tables it is the case.
_CHAIN_OF: Mapping[type[Model], str] = {Contact: "key_id", Act: "chain", **dict.fromkeys(_ADOPTED, "id")}

Rows = Mapping[tuple[str, int], Model]


def broken_entries(progress: Callable[[int], object] = lambda _chains: None) -> Iterator[Broken]:
    """Yield the first broken entry of each chain that doesn't hold, and every row that no line vouches for."""
    after = 0
    while chain_ids := _next_chains(after):
        after = chain_ids[-1]
        yield from _broken_in(chain_ids)
        progress(len(chain_ids))
    yield from _without_line()


def count_chains() -> int:
    return LedgerLine.objects.filter(seq=1).count()


def _next_chains(after: int) -> list[int]:
    chains = LedgerLine.objects.filter(chain_id__gt=after).values_list("chain_id", flat=True).distinct()
    return list(chains.order_by("chain_id")[:BATCH])


def _broken_in(chain_ids: Sequence[int]) -> list[Broken]:
    """Return the first broken entry of each of these chains, all read as they stood at one moment."""
    with _one_moment():
        lines = list(LedgerLine.objects.filter(chain_id__in=chain_ids).order_by("chain_id", "seq"))
        rows = _rows_of(lines)
        keys = VaultKey.objects.in_bulk(chain_ids)
        cases = Case.objects.in_bulk(chain_ids)
        texts = {text.case_id: text for text in CaseText.objects.filter(case_id__in=cases)}
        clocks = _clocks_of(cases)
    chains = {chain_id: list(group) for chain_id, group in groupby(lines, key=lambda line: line.chain_id)}
    found = (
        first_broken((line.line(), bytes(line.hash)) for line in chain)
        or _untrue_case(chain, cases.get(chain_id))
        or _first_false(chain, rows, keys.get(chain_id), cases.get(chain_id), texts.get(chain_id))
        or _untrue_replay(chain, rows, keys.get(chain_id), cases.get(chain_id), clocks[chain_id])
        for chain_id, chain in chains.items()
    )
    return [broken for broken in found if broken is not None]


@contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything as it stood at one moment: a door that commits in between would look like a breach.

    Inside a caller's transaction its own isolation holds.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _rows_of(lines: Iterable[LedgerLine]) -> dict[tuple[str, int], Model]:
    """Read the rows that the lines vouch for, one statement per table."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        if line.record_table and line.record_id:
            wanted[line.record_table].append(line.record_id)
    return {
        (table, row_id): row
        for table, ids in wanted.items()
        if table in _TABLES
        for row_id, row in _TABLES[table]._default_manager.in_bulk(ids).items()
    }


def _row_of(line: LedgerLine, rows: Rows) -> Model | None:
    return rows.get((line.record_table or "", line.record_id or 0))


def _first_false(
    chain: Sequence[LedgerLine], rows: Rows, wrapped: VaultKey | None, case: Case | None, text: CaseText | None
) -> Broken | None:
    """Return the first line whose row is gone or says something else."""
    try:
        key = None if wrapped is None else unwrap(wrapped.id, bytes(wrapped.wrapped))
    except Unreadable as changed:
        return Broken(chain[0].chain_id, chain[0].seq, str(changed))
    opened: dict[str, object] = {}
    if case and text and key:
        told = [_row_of(line, rows) for line in chain]
        replaced = replaced_by((row for row in told if isinstance(row, Act)), key)
        opened = {"case": opening_facts(case, text, opened_by(case, told), replaced)}
    for line in chain:
        opening = opened if line.event in _OPENING else {}
        if why := _contradiction(line, _row_of(line, rows), key, opening):
            return Broken(line.chain_id, line.seq, why)
    return None


def _contradiction(
    line: LedgerLine, row: Model | None, key: DataKey | None, opening: Mapping[str, object]
) -> str | None:
    """Return what a line's row has against it; an erased key leaves only the row's being there to look at."""
    where = f"its {line.record_table} row {line.record_id}" if line.record_table else "its content"
    if line.record_table and row is None:
        return f"{where} is gone"
    if key is None:
        return None
    try:
        same = key.content_hash(canonical({**_facts(row, key), **opening})) == bytes(line.content)
    except Unreadable as changed:
        return str(changed)
    return None if same else f"{where}{', or how the case was opened,' if opening else ''} was changed"


def _facts(row: Model | None, key: DataKey) -> dict[str, object]:
    match row:
        case None:
            return {}
        case RulebookVersion():
            return adoption_facts(row)
        case CalendarVersion():
            return loading_facts(row)
        case Record():
            return facts_of(row, key)
    raise TypeError(f"no ledger line vouches for a {type(row).__name__}")


def _untrue_case(chain: Sequence[LedgerLine], case: Case | None) -> Broken | None:
    """Return a contradiction between a case row and its lines that shows without any key."""
    head = chain[-1]
    stage, cycle = stage_after(line.event for line in chain)
    if case is None:
        is_contact = stage in (None, Stage.WAITING)
        return None if is_contact else Broken(head.chain_id, head.seq, "its case row is gone")
    if (case.ledger_seq, bytes(case.ledger_head)) != (head.seq, bytes(head.hash)):
        return Broken(
            case.id, case.ledger_seq, f"case {case.number} was recorded up to here, its ledger ends at {head.seq}"
        )
    told = {"stage": stage, "cycle": cycle, "unit_id": head.unit_id}
    for column, value in told.items():
        if getattr(case, column) != value:
            why = f"case {case.number} has {column} {getattr(case, column)}, its ledger {value}"
            return Broken(case.id, head.seq, why)
    return None


def _untrue_replay(
    chain: Sequence[LedgerLine], rows: Rows, wrapped: VaultKey | None, case: Case | None, clocks: Iterable[Clock]
) -> Broken | None:
    """Return what the case row or a clock says against a replay of its records; an erased case can't be replayed."""
    if case is None or wrapped is None:
        return None
    records = {row.id: row for line in chain if isinstance(row := _row_of(line, rows), Record)}
    key = unwrap(wrapped.id, bytes(wrapped.wrapped))
    why = first_untruth(case, clocks, chain, records, key, partial(ruleset, version(case.rulebook_id)))
    return None if why is None else Broken(case.id, chain[-1].seq, why)


def _clocks_of(cases: Mapping[int, Case]) -> dict[int, list[Clock]]:
    found: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(case__in=cases):
        found[clock.case_id].append(clock)
    return found


def _without_line() -> Iterator[Broken]:
    """Yield the rows of which no line of their own chain speaks: cut-off ends of chains, or rows slipped in."""
    for table, model in _TABLES.items():
        owner = _CHAIN_OF.get(model, "case_id")
        spoken = LedgerLine.objects.filter(record_table=table, record_id=OuterRef("id"), chain_id=OuterRef(owner))
        for chain_id, row_id in model._default_manager.filter(~Exists(spoken)).values_list(owner, "id"):
            yield Broken(chain_id, 0, f"the {table} row {row_id} is in no line of its ledger")
    for case in Case.objects.filter(~Exists(LedgerLine.objects.filter(chain_id=OuterRef("id")))):
        yield Broken(case.id, 1, f"case {case.number} has no ledger")
