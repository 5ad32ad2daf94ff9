"""`huying load contacts`: the file, a progress bar, and totals that add up."""

import sys
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from huying.cases.clock import now
from huying.cases.intake import Register
from huying.cases.rulebooks import adopt
from huying.channels.contact_file import Totals, load
from huying.channels.sheet_rows import SheetError, count_rows
from huying.config.house import Trouble
from huying.data import rulebook_text
from huying.people.models import Unit
from huying.people.office import the_office
from huying.rules.access import Actor

REJECTED = 3


def load_contacts(file: Path, rulebook: str, unit_code: str | None) -> int:
    """Load a file and print what became of its rows; with a unit, its replies too. Raises Trouble."""
    at, actor = now(), Actor.system()
    office = the_office()
    unit = None if unit_code is None else Unit.objects.filter(code=unit_code, abolished_on=None).first()
    if unit_code is not None and unit is None:
        raise Trouble(f"there is no unit {unit_code!r}; the office's own level is 'city'")
    into = Register(adopt(rulebook, rulebook_text(rulebook), at, actor), office.number_prefix, at, actor)
    try:
        rows = count_rows(file)
        with tqdm(total=rows, unit=" rows", desc=file.name, disable=None, leave=False) as bar:
            totals = load(file, into, unit=unit.id if unit else None, progress=bar.update)
    except SheetError as unreadable:
        raise Trouble(str(unreadable)) from unreadable
    _print(file, totals)
    return REJECTED if totals.rejected else 0


def progress(title: str) -> Callable[[int, int], None]:
    """Return a bar that is told (done, of)."""
    bar = tqdm(total=1, desc=title, disable=None, leave=False)

    def show(done: int, of: int) -> None:
        bar.total = of
        bar.update(done - bar.n)
        if done == of:
            bar.close()

    return show


def _print(file: Path, totals: Totals) -> None:
    print(
        f"{file.name}: {totals.read:,} rows read = {totals.contacts:,} contacts + {totals.doubled:,} doubled"
        f" + {totals.rejected:,} rejected; {totals.cases:,} cases opened"
    )
    if totals.replied:
        print(
            f"  replies: {totals.closed:,} of {totals.replied:,} closed ({_share(totals.closed, totals.replied)}),"
            f" within 3 days {_share(totals.closed_soon, totals.replied)},"
            f" within 15 days {_share(totals.closed_later, totals.replied)}"
        )
    if totals.years_without_calendar:
        years = sorted(totals.years_without_calendar)
        print(f"  terms are provisional: no holiday notice for {_span(years)}")
    if totals.rejected:
        print(f"  what was rejected, and why: {file.name}.rejected.csv", file=sys.stderr)


def _span(years: list[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
