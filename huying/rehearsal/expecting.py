"""What the register says where a story expects something: of one case, and of all."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from huying.cases.doors import state_of
from huying.cases.intake import Received
from huying.cases.models import Case, Clock, Contact, Message, Report
from huying.cases.opened import clock_state
from huying.cases.queries import totals, visible_to
from huying.cases.wording import Audience
from huying.rules.access import Actor, Role
from huying.rules.terms import on_time
from huying.rules.words import in_words
from huying.vault.seals import keys_of, unseal

from .cast import Cast, Failure
from .story import Expect, StoryError


def failures_of(expect: Expect, cast: Cast) -> Iterator[Failure]:
    """Yield what doesn't hold of an expectation."""
    if expect.case is None:
        for key, want, got in _of_all(expect, cast):
            if want != got:
                yield Failure(key, want, got, expect=expect.number)
        return
    received = cast.cases.get(expect.case)
    if received is None:
        raise StoryError(f"expect[{expect.number}].case: no contact was named {expect.case!r} before")
    facts = told(received, cast, expect.at)
    for key, want in expect.wanted.items():
        if key == "clock":
            yield from _of_clocks(expect, want, facts["clock"])
        elif _comparable(key, want) != _comparable(key, facts.get(key)):
            yield Failure(key, want, facts.get(key), expect=expect.number)


def _comparable(key: str, value: object) -> object:
    return sorted(value) if key in ("flags", "missing") and isinstance(value, list) else value


def _of_clocks(
    expect: Expect, wanted: Mapping[str, Mapping[str, Any]], clocks: Mapping[str, Any]
) -> Iterator[Failure]:
    for step, values in wanted.items():
        for key, want in values.items():
            got = clocks.get(step, {}).get(key)
            if want != got:
                yield Failure(f"clock.{step}.{key}", want, got, expect=expect.number)


def told(received: Received, cast: Cast, at: datetime) -> dict[str, Any]:
    """Return everything that a story can ask about one case at a moment; times as the register has them."""
    if received.case_id is None:
        return {"stage": None, "clock": _clocks(received.contact_id, None, at)}
    case = Case.objects.get(id=received.case_id)
    state = state_of(case.id)
    names = {unit: name for name, unit in cast.units.items()}
    report = Report.objects.filter(case=case).order_by("at", "id").last()
    return {
        "stage": case.stage,
        "cycle": case.cycle,
        "level": case.level,
        "unit": names.get(case.unit_id or 0),
        "contacts": case.contacts,
        "urgency": case.urgency,
        "verdict": case.verdict,
        "outcome": report.outcome if report else None,
        "designated": state.designated,
        "closed_as": case.closed_as,
        "flags": case.flags,
        "actions": [action.value for action in state.actions],
        "missing": list(state.missing),
        "clock": _clocks(case.id, case.closed_at, at) | {"total": _total(case, at)},
    }


def _total(case: Case, at: datetime) -> dict[str, Any]:
    """Return how long the citizen has been waiting: from the receipt to the end; no rulebook gives it a term."""
    first = Contact.objects.filter(case=case).order_by("at").values_list("at", flat=True).first()
    ended = case.closed_at if case.closed_at and case.closed_at <= at else None
    state = {"due": None, "done": ended, "on_time": None, "provisional": False, "paused": False}
    return {"started": first, **state, "why": "从收到到办结，没有规定期限"}


def _clocks(chain: int, ended_at: datetime | None, at: datetime) -> dict[str, dict[str, Any]]:
    """Return the latest clock of each step: one that counts, else one that the case's end made void."""
    found: dict[str, dict[str, Any]] = {}
    for clock in sorted(Clock.objects.filter(case=chain), key=lambda c: (c.void_at is None, c.cycle, c.id)):
        if clock.void_at is None or clock.void_at == ended_at:
            found[clock.step] = {
                "due": clock.due_at,
                "done": clock.done_at,
                "on_time": on_time(clock.due_at, clock.done_at, at),
                "provisional": clock.provisional,
                "paused": clock_state(clock).is_paused,
                "why": in_words(clock.why, "zh"),
            }
    return found


def _of_all(expect: Expect, cast: Cast) -> Iterator[tuple[str, object, object]]:
    for key, want in expect.wanted.items():
        match key:
            case "totals":
                counted = totals(Actor.system(), expect.at)
                for name, number in want.items():
                    yield f"totals.{name}", number, getattr(counted, name)
            case "messages":
                said = list(_messages(cast))
                for one in want:
                    found = any(one["to"] == to and one.get("contains", "") in text for to, text in said)
                    yield (
                        f"messages to {one['to']}",
                        one.get("contains", ""),
                        one.get("contains", "") if found else None,
                    )
            case "queue":
                yield "queue", want, _queue(expect.wanted.get("unit"), cast)
            case "visible":
                for one in want:
                    yield f"visible {one['case']} as {one['as']}", one["yes"], _is_visible(expect, one, cast)
            case "unit":
                continue
            case _:
                raise StoryError(f"expect[{expect.number}].{key}: isn't played yet")


def _messages(cast: Cast) -> Iterator[tuple[str, str]]:
    """Yield to whom which message went: the caller's number, a unit or post by its name in the story, or a role."""
    units = {unit: name for name, unit in cast.units.items()}
    posts = {post: name for name, post in cast.posts.items()}
    about = Message.objects.select_related("case__requester", "contact__requester").order_by("created_at", "id")
    for message in about:
        one = message.case or message.contact
        requester = one.requester if one else None
        if one is None or requester is None:
            continue
        keys = keys_of([one.id, requester.id])
        text = unseal(message, keys[one.id], "text") or ""
        match message.audience:
            case Audience.UNIT:
                to = units.get(message.unit_id or 0)
            case Audience.LEADER:
                to = posts.get(message.post_id or 0)
            case Audience.CITIZEN:  # somebody without phone and name has no key
                to = unseal(requester, keys[requester.id], "phone") if requester.id in keys else None
            case role:
                to = role
        yield to or "", text


def _is_visible(expect: Expect, asked: Mapping[str, Any], cast: Cast) -> bool:
    received = cast.cases.get(asked["case"])
    viewer = cast.actor(asked["as"], received)
    if viewer is None or received is None:
        raise StoryError(f"expect[{expect.number}].visible: there is no {asked['as']!r}, or no {asked['case']!r}")
    of_number = {"number": received.number or ""}
    if viewer.role is Role.CITIZEN:  # reads an own case, but of a confidential one no more than that it exists
        own = viewer.receipt is not None and viewer.receipt == received.case_id
        return own and Case.objects.filter(**of_number, confidential=False).exists()
    return visible_to(viewer).filter(**of_number).exists()


def _queue(unit: str | None, cast: Cast) -> list[str]:
    names = {received.case_id: name for name, received in cast.cases.items()}
    cases = Case.objects.filter(closed_at__isnull=True, **({"unit": cast.units.get(unit)} if unit else {}))
    return [names[case.id] for case in cases.order_by("due_at", "number") if case.id in names]
