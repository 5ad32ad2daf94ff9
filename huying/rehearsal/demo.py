"""云川市, a small invented city that has lived through twenty days of Bozhou's curve at a tenth of its volume.

Everything passes through the two doors, and the ladder through the sweep, at the moments at which it would have
happened, counted back from now. Names, numbers and places are invented. The city is marked as a demo, and such an
installation sends nothing.
"""

import os
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from typing import TypeVar

from django.db import transaction

from huying.cases.doors import Deed, act_all
from huying.cases.intake import Arrival, Intake, Received, Register, register_all
from huying.cases.models import RulebookVersion
from huying.cases.rulebooks import adopt, put_in_force, ruleset
from huying.cases.sweep import next_instant, sweep
from huying.data import demo_rows, rulebook_text
from huying.people.actors import actor_of
from huying.people.models import Office, Post, Unit, User
from huying.rules.access import Actor
from huying.rules.commands import Command
from huying.rules.lifecycle import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import Complexity

from .city import IN_OFFICE, PREFIX, TOKEN_UNIT, Secrets, found_city
from .lives import CALLBACKS, OFFICE, Life, Organisation
from .telling import Call, Telling

RULEBOOK = "bozhou"
_SEED = "云川"
_SLOT = timedelta(hours=1)  # what happens within it is written in one go

Result = TypeVar("Result", Received, CaseState)
Progress = Callable[[int, int], object]


def build(home: Path, now: datetime, progress: Progress) -> str:
    """Build the city where there is no office yet, and return the lines that tell how to get in."""
    account = home / "demo-account"
    if not Office.objects.exists():
        _build(account, now, progress)
    elif not account.exists():
        return f"  {home} has an office of its own: the invented city was not added\n"
    return _told(_kept(account))


@transaction.atomic
def _build(account: Path, now: datetime, progress: Progress) -> None:
    opens = found_city("-".join(secrets.token_hex(2) for _ in range(3)), now)
    version = adopt(RULEBOOK, rulebook_text(RULEBOOK), now, Actor.system())
    put_in_force(version, now.date() - IN_OFFICE, now, Actor.system())
    _TwentyDays(version, now).play(progress)
    # Last, so that a city that was built has its password there, whenever the building is broken off.
    _keep(account, opens)


# -- how to get in --------------------------------------------------------------------------------------------------


def _keep(path: Path, opens: Secrets) -> None:
    """Write the password on the first line and a token with its name on each other one."""
    lines = [opens.password, *(f"{name} {secret}" for name, secret in opens.tokens.items())]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")


def _kept(path: Path) -> Secrets:
    password, *tokens = path.read_text("ascii").splitlines()
    return Secrets(password, dict(line.split(" ", 1) for line in tokens))


def _told(opens: Secrets) -> str:
    lines = [f"  Sign in with the password {opens.password} as"]
    shown = [row["username"] for row in demo_rows("users")] + [TOKEN_UNIT]
    users = {user.username: user for user in User.objects.select_related("unit").filter(username__in=shown)}
    known = (users[name] for name in shown if name in users)
    lines += [f"    {user.username:15} {user.role:11} {user.full_name}{_where(user)}" for user in known]
    lines.append("    … and any other unit by its code, such as water or songling-town")
    if opens.tokens:
        lines.append("  Tokens for the API, in the role of")
        lines += [f"    {name:15} {secret}" for name, secret in opens.tokens.items()]
    return "\n".join(lines) + "\n"


def _where(user: User) -> str:
    return f", {user.unit.name}" if user.unit else ""


# -- what happened --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Event:
    """Somebody does something at a moment: registers call number `call`, or does a command to the case of it."""

    at: datetime
    by: str
    call: int
    command: Command | None = None


class _TwentyDays:
    """All calls and commands, played hour by hour under a time of their own."""

    def __init__(self, version: RulebookVersion, now: datetime) -> None:
        self.version, self.now = version, now
        self.rng = Random(_SEED)  # noqa: S311  # the same city every time
        self.posts = {post.code: post for post in Post.objects.prefetch_related("contact_points")}
        self.calls = list(Telling(now, {code: post.name for code, post in self.posts.items()}, self.rng).all())
        users = User.objects.select_related("unit")
        self.actors = {user.username: actor_of(user, now) for user in users}
        self.cases: dict[int, int] = {}

    def play(self, progress: Progress) -> None:
        events = sorted((event for event in self._events() if event.at <= self.now), key=lambda event: event.at)
        done = 0
        for slot, group in groupby(events, key=lambda event: event.at.replace(minute=0)):
            self._sweep_until(slot)
            together = list(group)
            self._happen(together, min(slot + _SLOT, self.now))
            done += len(together)
            progress(done, len(events))
        self._sweep_until(self.now)

    def _events(self) -> Iterator[_Event]:
        is_working = ruleset(self.version).calendar.is_working
        handlers = {row["code"]: (row["handler"], row["phone"]) for row in demo_rows("units")}
        organisation = Organisation(dict(Unit.objects.values_list("code", "id")), handlers)
        for number, call in enumerate(self.calls):
            life = Life(call, organisation, is_working, self.rng)
            yield _Event(call.at, self._registrar(call, life.course), number)
            for step in life.steps():
                yield _Event(step.at, step.by, number, step.command)

    def _registrar(self, call: Call, course: str) -> str:
        """Return who writes a call down: mostly the office; now and then who was called, or the one who helps."""
        if course == "confidential":
            return "discipline"
        own = {"mayor": "mayor-liaison", "yunxi-head": "yunxi-head"}.get(call.post)
        return own if own and self.rng.random() < 0.4 else self.rng.choice((OFFICE, OFFICE, CALLBACKS))

    def _happen(self, events: Iterable[_Event], recorded_at: datetime) -> None:
        """Register, then act, in a batch for each who does it: a case has at most one event in an hour."""
        calls: dict[str, list[_Event]] = defaultdict(list)
        deeds: dict[str, list[_Event]] = defaultdict(list)
        for event in events:
            (calls if event.command is None else deeds)[event.by].append(event)
        for by, group in calls.items():
            into = Register(self.version, PREFIX, recorded_at, self.actors[by])
            arrivals = [Arrival(self._intake(event.call), event.at) for event in group]
            for event, result in zip(group, register_all(arrivals, into), strict=True):
                received = _done(result)
                if received.case_id is not None:
                    self.cases[event.call] = received.case_id
        for by, group in deeds.items():
            done = [Deed(self.cases[event.call], event.command, event.at) for event in group if event.command]
            for after in act_all(done, recorded_at, self.actors[by]):
                _done(after)

    def _intake(self, number: int) -> Intake:
        call = self.calls[number]
        post = self.posts[call.post]
        point = next(point for point in post.contact_points.all() if point.kind == call.channel)
        confidential = call.matter is not None and call.matter.course == "confidential"
        return Intake(
            channel=call.channel,
            kind=call.kind,
            text=call.text,
            phone=call.phone,
            name=call.name,
            post=post.id,
            contact_point=point.id,
            complexity=call.matter.complexity if call.matter else Complexity.SIMPLE,
            confidential=confidential,
        )

    def _sweep_until(self, at: datetime) -> None:
        """Have every rung that is due by then fire at its own instant, as the sweep would have."""
        while (due := next_instant()) is not None and due <= at:
            sweep(due)


def _done(result: Result | Refused) -> Result:
    if isinstance(result, Refused):
        raise TypeError(f"the demo's own step was refused: {result}")
    return result
