"""`huying load units|posts`: a preview of what the file would change, a question, and all of it or nothing."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from django.db import transaction

from huying.cases.clock import now
from huying.channels.post_plan import PostPlan, plan_posts, take_posts
from huying.channels.sheet_rows import SheetError
from huying.channels.table import BadTable, Change
from huying.channels.unit_file import UnitPlan, plan_units, take_units
from huying.config.house import Trouble
from huying.people.office import the_office
from huying.people.serving import day_of

Plan = TypeVar("Plan", UnitPlan, PostPlan)


def load_units(file: Path, *, dry_run: bool, yes: bool) -> int:
    """Load a file of units. Raises Trouble."""
    return _load(file, lambda: plan_units(file), take_units, dry_run=dry_run, yes=yes)


def load_posts(file: Path, *, dry_run: bool, yes: bool) -> int:
    """Load a file of posts. Raises Trouble."""
    at = now()
    today = day_of(at)
    return _load(file, lambda: plan_posts(file, today), lambda plan: take_posts(plan, at), dry_run=dry_run, yes=yes)


def _load(file: Path, make: Callable[[], Plan], take: Callable[[Plan], None], *, dry_run: bool, yes: bool) -> int:
    the_office()  # and with it the root of the units
    try:
        plan = make()
    except SheetError as unreadable:
        raise Trouble(str(unreadable)) from unreadable
    except BadTable as bad:
        return refuse(file, bad)
    _show(file, plan.changes, plan.unread)
    if all(change.word == "unchanged" for change in plan.changes):
        print("Nothing to change.")
    elif dry_run:
        print("Only looked at: nothing was loaded.")
    elif yes or confirmed():
        _take(make, take, plan)
        print("Loaded.")
    return 0


def _take(make: Callable[[], Plan], take: Callable[[Plan], None], shown: Plan) -> None:
    """Take over what was shown. Time passed while somebody read it, so it is compared again first. Raises Trouble."""
    with transaction.atomic():
        try:
            unchanged = make() == shown
        except (SheetError, BadTable):
            unchanged = False
        if not unchanged:
            raise Trouble("the file or the units and posts were changed meanwhile; nothing was loaded, run it again")
        take(shown)


def confirmed() -> bool:
    """Ask on a terminal; raises Trouble where there is none, or the answer isn't yes."""
    if not sys.stdin.isatty():
        raise Trouble("nothing was loaded; look at the list above and add --yes")
    try:
        answer = input("Load this? [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes", "是"):
        raise Trouble("nothing was loaded")
    return True


def refuse(file: Path, bad: BadTable) -> int:
    for problem in bad.problems:
        print(f"{file.name}: {problem}", file=sys.stderr)
    count = len(bad.problems)
    print(f"huying: {count} {'problem' if count == 1 else 'problems'}; nothing was loaded", file=sys.stderr)
    return 1


def _show(file: Path, changes: Sequence[Change], unread: Sequence[str]) -> None:
    counts = Counter(change.word for change in changes)
    words = ("new", "changed", "abolished", "unchanged")
    rows = f"{len(changes):,} {'row' if len(changes) == 1 else 'rows'}"
    print(f"{file.name}: {rows} = " + " + ".join(f"{counts[word]:,} {word}" for word in words))
    for change in changes:
        if change.word != "unchanged":
            print(f"  {change.word:9}  {change.code:20}  {'; '.join(change.says)}")
    if unread:
        print(f"  not read: {', '.join(unread)}")
