"""`huying transfer-post` and `huying reassign-unit`: what would move, a question, and all of it at once."""

from datetime import date
from typing import TypeVar

from django.db import transaction

from huying.cases.clock import now
from huying.cases.transfer import open_at_post, open_with_unit, reassign_all, transfer_post
from huying.config.house import Trouble
from huying.config.organising import confirmed
from huying.people.models import Post, Unit
from huying.people.office import ROOT, abolish
from huying.people.serving import day_of
from huying.rules.access import Actor

Coded = TypeVar("Coded", Post, Unit)


def transfer(old: str, new: str, *, yes: bool) -> int:
    """Hand a post over to another. Raises Trouble."""
    post, successor = _two(Post, "post", old, new)
    print(f"{post.name} → {successor.name}: {open_at_post(post.id).count():,} open cases follow")
    print("its tenure and its liaisons end today, and its numbers leave the directory")
    if yes or confirmed():
        moved = transfer_post(post.id, successor.id, now(), Actor.system())
        print(f"Handed over; {moved:,} cases moved.")
    return 0


def reassign(old: str, new: str, abolished_on: date | None, *, yes: bool) -> int:
    """Give all that a unit holds to another, and end the unit if a day is given. Raises Trouble."""
    unit, successor = _two(Unit, "unit", old, new)
    at = now()
    if ROOT in (unit.code, successor.code):
        raise Trouble("the office's own level handles no cases and isn't abolished; name another unit")
    if successor.abolished_on is not None and successor.abolished_on <= day_of(at):
        raise Trouble(f"{new!r} was abolished on {successor.abolished_on}; name a unit that goes on")
    print(f"{unit.name} → {successor.name}: {open_with_unit(unit.id).count():,} open cases follow, in their terms")
    if not (yes or confirmed()):
        return 0
    with transaction.atomic():
        moved = reassign_all(unit.id, successor.id, at, Actor.system())
        if abolished_on is not None:
            try:
                abolish(unit, abolished_on)
            except ValueError as wrong:
                raise Trouble(str(wrong)) from wrong
    print(f"Reassigned; {moved.count:,} cases moved.")
    for number in moved.left:
        print(f"  {number} complains about {old} or {new}: give it to another unit")
    return 0


def _two(model: type[Coded], word: str, old: str, new: str) -> tuple[Coded, Coded]:
    found = {one.code: one for one in model._default_manager.filter(code__in=[old, new])}
    for code in (old, new):
        if code not in found:
            raise Trouble(f"there is no {word} {code!r}; look at the codes in your file of {word}s")
    if old == new:
        raise Trouble(f"{old!r} can't be handed over to itself")
    return found[old], found[new]
