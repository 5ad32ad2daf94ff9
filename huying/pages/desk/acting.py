"""What can be done on the page of a case: forms made of the command table, and what becomes of one that is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext

from huying.cases.doors import act, state_seen
from huying.cases.dossier import Dossier
from huying.cases.meanwhile import is_done
from huying.pages import dates, kept
from huying.pages.access import Signed
from huying.pages.labels import COMMANDS, NEXT, STAGES
from huying.pages.shown import ShownAction, ShownActions, ShownNotYet
from huying.rules.access import Actor, Role
from huying.rules.commands import VERBS, field_names
from huying.rules.lifecycle import TABLE, Refused, may_do
from huying.rules.offers import Offer, natural_next, offers
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode, Stage

from .forms import (
    Choices,
    Sheet,
    action_form,
    in_words,
    label,
    not_yet,
    number,
    too_long,
    typed,
    unit_choices,
    units_below,
)

_AFTER_A_CALL = frozenset({"record_contact", "callback_attempt", "record_verdict"})


@dataclass(frozen=True)
class Attempt:
    """A form that was sent, or kept over the end of a session, and isn't done: what it said and why not."""

    verb: str
    said: Mapping[str, str]
    seen: int = 0
    refused: Refused | None = None

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Attempt":
        """Return what a form says. Raises Http404 if it isn't one of this page."""
        verb = said.get("verb", "")
        if verb not in VERBS:
            raise Http404
        return cls(verb, said, number(said.get("seen", "")))


def attempt(request: Signed, case_id: int, actor: Actor, at: datetime) -> Attempt:
    """Do what a form says; `refused` of what is returned is None if it was done."""
    tried = Attempt.of(request.POST.dict())
    long = next(_too_long(tried), None)
    result = act(case_id, typed(tried.verb, tried.said), at, at, actor, seen=tried.seen, misread=long)
    return replace(tried, refused=result) if isinstance(result, Refused) else tried


def _too_long(tried: Attempt) -> Iterator[Refused]:
    return too_long(tried.said, field_names(VERBS[tried.verb]))


def was_done(tried: Attempt, found: Dossier, actor: Actor) -> bool:
    """Return whether a form was refused only because it had been sent, and done, a moment before."""
    if tried.refused is None or tried.refused.code is not RefusalCode.CHANGED_MEANWHILE:
        return False
    return is_done(found, tried.seen, typed(tried.verb, tried.said), actor, state_seen(found))


def actions(
    request: Signed,
    found: Dossier,
    actor: Actor,
    at: datetime,
    rules: Ruleset,
    tried: Attempt | None,
    handler: Mapping[str, object],
) -> ShownActions:
    """Return what this actor may do now, each with its form; the form that was tried is filled and says why not."""
    state = state_seen(found)
    offered = offers(state, actor, at, rules)
    possible = {one.verb: one for one in offered if one.refused is None}
    units = _units(request) if "assign" in possible else []
    no_units = "assign" in possible and not units
    if no_units:
        possible.pop("assign")
    initial = {"record_contact": handler, "acknowledge": {"handler": request.user.full_name}}
    shown = {
        verb: _shown(offer, units, tried if tried and tried.verb == verb else None, initial.get(verb, {}), at)
        for verb, offer in possible.items()
    }
    lost = tried if tried and tried.verb not in possible else None
    first = natural_next(possible.values(), state.stage)
    main = None if first is None else shown.pop(first.verb)
    return ShownActions(
        seen=found.case.ledger_seq,
        by=kept.mark(request.user.pk),
        main=main,
        others=list(shown.values()),
        not_yet=list(_not_yet(offered, state, actor)) if state.ended_at is None else [],
        no_units=no_units,
        refused=in_words(lost.refused, lost.verb) if lost and lost.refused else "",
        typed=_typed(lost) if lost else [],
    )


def failed(shown: ShownActions) -> Sheet | None:
    """Return the form that has something to change."""
    forms = [one.form for one in (shown.main, *shown.others) if one is not None]
    return next((form for form in forms if isinstance(form, Sheet) and form.errors), None)


def _units(request: Signed) -> Choices:
    return unit_choices(units_below(request.user.unit if request.user.role == Role.UNIT else None))


def _shown(
    offer: Offer, units: Choices, tried: Attempt | None, initial: Mapping[str, object], at: datetime
) -> ShownAction:
    form = action_form(offer, units, tried.said if tried else None, initial)
    if tried and tried.refused and tried.refused.code is not RefusalCode.CHANGED_MEANWHILE:
        missing = [why for name, why in offer.required.items() if not tried.said.get(name, "").strip()]
        form.refuse([*missing, *_too_long(tried), tried.refused])
    hints = [*not_yet(offer), *_dues(offer, at)]
    is_open, calls = tried is not None, offer.verb in _AFTER_A_CALL
    return ShownAction(offer.verb, str(COMMANDS[offer.verb]), form, hints, open=is_open, calls=calls)


def _dues(offer: Offer, at: datetime) -> Iterator[str]:
    """Yield by when what is due if the case is given to somebody now, before anybody presses the button."""
    if offer.verb != "assign" or offer.after is None:
        return
    zone = timezone.get_current_timezone()
    today = at.astimezone(zone).date()
    for clock in sorted((clock for clock in offer.after.clocks if clock.is_running), key=lambda clock: clock.due_at):
        until = dates.due_instant(clock.due_at, today, zone)
        yield gettext("现在交办：{step}最迟 {until}").format(step=NEXT[clock.step], until=until)


def _not_yet(offered: list[Offer], state: CaseState, actor: Actor) -> Iterator[ShownNotYet]:
    """Yield what this actor can't do yet, with the reason; a step that the case has left behind isn't said."""
    order = list(Stage)
    for offer in offered:
        if offer.refused is None:
            continue
        why = in_words(offer.refused)
        if offer.refused.code is RefusalCode.WRONG_STATE:
            stages = {stage for row in TABLE[offer.command] if may_do(actor, row, state) for stage in row.stages}
            ahead = [stage for stage in order[order.index(state.stage) + 1 :] if stage in stages]
            if not ahead:
                continue
            why = gettext("要等到“{stage}”").format(stage=STAGES[ahead[0]])
        yield ShownNotYet(str(COMMANDS[offer.verb]), why)


def _typed(tried: Attempt) -> list[tuple[str, str]]:
    """Return what was written into a form that can't be shown any more, so that it can be copied."""
    said = ((name, tried.said.get(name, "").strip()) for name in field_names(VERBS[tried.verb]) if name != "unit")
    return [(label(tried.verb, name), text) for name, text in said if text]
