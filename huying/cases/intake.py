"""Door 1: something came in.

`register` makes a contact of it and, where its kind says so, a case with number, query code, clocks and receipt,
in one transaction. What can't be accepted leaves a refusal row. A second delivery of the same thing, or a second
request with the same idempotency key, gets the first one's answer, rebuilt from the register.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db import IntegrityError, connection, transaction

from huying.ledger.chain import Head
from huying.rules.access import may_register, person_party, unit_party
from huying.rules.commands import JoinContact
from huying.rules.lifecycle import Refused, decide, valid_phone
from huying.rules.ruleset import Ruleset, WayIn
from huying.rules.state import CaseState
from huying.rules.vocabulary import Complexity, Kind, RefusalCode, Stage, Urgency
from huying.vault.seals import blind_index, new_key, phone_index, seal, take_ids

from .answers import KEYS_LIVE, claim, twin
from .arrival import Arrival, Intake, Received, Register, exact_index, is_id
from .blanks import Said, Told
from .doors import caught_up
from .draft import UNSTORABLE, Draft, Entry, is_told
from .following import cannot_follow, followed
from .known import (
    LONGEST_CHANNEL,
    LONGEST_ID,
    Found,
    account_index,
    by_ids,
    fits,
    known_answers,
    look_up,
    requesters_of,
)
from .models import Case, Contact, IdempotencyKey, Message, Origin, Refusal, Requester
from .opened import opened, state_of_contact
from .opening import CONFIDENTIAL_SERIES, Opening, number_of, open_case
from .queries import shut_out
from .rulebooks import ruleset
from .store import store
from .wording import Audience, Telling

__all__ = ["KEYS_LIVE", "Arrival", "Intake", "Received", "Register", "exact_index", "register", "register_all"]

# Nobody reports by this system what happened before the century; a date that says so is mistyped.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Who comes to a closed door again within this time is not told so again (S22).
REPLIED_FOR = timedelta(hours=24)
_TOLD_LATER = frozenset({"content", "claim", "fact"})


def register(
    intake: Intake, at: datetime | None, into: Register, *, key: str | None = None, misread: Refused | None = None
) -> Received | Refused:
    """Register one contact that came in `at`; with an idempotency `key`, once per actor within seven days.

    `at` is part of what a key stands for: whoever asks again says the moment of the first time. None = as it is
    recorded; the key then stands for the rest alone. `misread` refuses it, unless something else does before.
    """
    [result] = register_all([Arrival(intake, at or into.recorded_at, at is not None, misread)], into, key=key)
    return result


def register_all(arrivals: Sequence[Arrival], into: Register, *, key: str | None = None) -> list[Received | Refused]:
    """Register several contacts in one transaction; a refused one stops nothing. Return a result for each.

    Two processes that register the same external ids at once: the loser begins again and finds them known.
    """
    try:
        return _register_all(arrivals, into, key)
    except IntegrityError:
        return _register_all(arrivals, into, key)


@transaction.atomic
def _register_all(arrivals: Sequence[Arrival], into: Register, key: str | None) -> list[Received | Refused]:
    results: dict[int, Received | Refused] = {}
    found = look_up([arrival.intake for arrival in arrivals])
    arrivals = [by_ids(arrival, found) for arrival in arrivals]
    for i, arrival in enumerate(arrivals):
        if refused := _refusal(arrival, into, key, found):
            results[i] = refused
    results |= known_answers(arrivals, results, found, into)
    if key is not None and isinstance(before := results.get(0), Received):
        results[0] = claim(key, arrivals[0], before.contact_id, into) or before
    joined = _joined([arrivals[i] for i in range(len(arrivals)) if i not in results], found, into, key)
    for i, arrival in enumerate(arrivals):
        case = joined.get(arrival.intake.joins or "")
        if i not in results and isinstance(case, Refused):
            results[i] = case
        elif isinstance(case, Draft) and _is_kept_from_its_readers(arrival.intake, case):
            results[i] = Refused(RefusalCode.FIELD_INVALID, "joins")
    earlier = followed([arrival.intake for arrival in arrivals], into)
    lost = {i: cannot_follow(arrival.intake, earlier, into.rules) for i, arrival in enumerate(arrivals)}
    results.update({i: refused for i, refused in lost.items() if refused is not None and i not in results})
    new = [i for i in range(len(arrivals)) if i not in results]
    rows, has_key = _allot([arrivals[i] for i in new], into, key)
    allotted = {i: row.after(earlier.get(arrivals[i].intake.follows or "")) for i, row in zip(new, rows, strict=True)}
    if key is not None and new and not has_key:
        claimed = claim(key, arrivals[new[0]], allotted[new[0]].contact, into)
        if claimed is not None:
            _store_refusals(arrivals, {new[0]: claimed}, into)
            return [claimed]
    accounts = requesters_of([arrivals[i].intake for i in new])
    drafts: list[Draft] = []
    first_of: dict[tuple[str, str], int] = {}
    for i in new:
        intake = arrivals[i].intake
        first = first_of.setdefault((intake.channel, intake.external_id or f"#{i}"), i)
        if first != i:
            results[i] = twin(arrivals[first].intake, intake, results[first])
            continue
        case = joined.get(intake.joins or "")
        if isinstance(case, Draft):
            results[i] = _join(case, arrivals[i], into, allotted[i])
            drafts += [] if any(case is draft for draft in drafts) else [case]
            continue
        draft, results[i] = _draft(arrivals[i], into, allotted[i], accounts)
        drafts.append(draft)
    store(drafts, into.recorded_at)
    _store_refusals(arrivals, results, into)
    return [results[i] for i in range(len(arrivals))]


# -- what is refused -------------------------------------------------------------------------------------------------


def _refusal(arrival: Arrival, into: Register, key: str | None, found: Found) -> Refused | None:
    """Return why this can't be registered at all, naming the field; what is missing comes before what is wrong."""
    if not may_register(into.actor, arrival.intake.post):
        return Refused(RefusalCode.FORBIDDEN)
    if arrival.misread is not None:
        return arrival.misread
    needed = ("channel",) if arrival.intake.kind is Kind.MISSED else ("channel", "text")
    for name in needed:
        if not getattr(arrival.intake, name).strip():
            return Refused(RefusalCode.FIELD_REQUIRED, name)
    possible = _possible(arrival, into, key) | _addressed(arrival.intake, found)
    wrong = next((name for name, is_possible in possible.items() if not is_possible), None)
    return None if wrong is None else Refused(RefusalCode.FIELD_INVALID, wrong)


def _possible(arrival: Arrival, into: Register, key: str | None) -> dict[str, bool]:
    """Return of each field whether it can be kept."""
    intake = arrival.intake
    told = (intake.text, intake.title, intake.phone, intake.name, intake.account, *intake.fields.values())
    return {
        "at": EARLIEST <= arrival.at <= into.recorded_at,
        "Idempotency-Key": key is None or fits(key, LONGEST_ID),
        "channel": fits(intake.channel, LONGEST_CHANNEL),
        # Words may come from outside the program, where no type checker has seen them.
        "kind": intake.kind in list(Kind),
        "complexity": intake.complexity in list(Complexity),
        "origin": intake.origin in list(Origin),
        "urgency": intake.urgency_claimed is None or intake.urgency_claimed in list(Urgency),
        "text": not any(UNSTORABLE.search(text) for text in (*told, *intake.fields) if text is not None),
        "external_id": intake.external_id is None or fits(intake.external_id, LONGEST_ID),
        "contact_phone": intake.phone is None or valid_phone(intake.phone),
    }


def _addressed(intake: Intake, found: Found) -> dict[str, bool]:
    """Return of post, contact point, and whom it is about, whether there is such a one, or none was named."""
    named = {"post": intake.post, "contact_point": intake.contact_point, "respondent": intake.respondent}
    there = {name: id_ is None or (is_id(id_) and (name, id_) in found.addresses) for name, id_ in named.items()}
    unknown = {"post": intake.to is not None, "respondent": intake.complained_about is not None}
    named_person = intake.respondent_post is not None or intake.holder_of is not None
    people = {"respondent_post": intake.respondent_person is not None or not named_person}
    return {name: is_there and not unknown.get(name) for name, is_there in there.items()} | people


def _missing(intake: Intake, rules: Ruleset) -> tuple[str, ...]:
    """Return what a contact doesn't tell; nobody is asked what a call was about that nobody answered."""
    missing = rules.missing(intake.value, anonymous=intake.anonymous)
    return tuple(n for n in missing if n not in _TOLD_LATER) if intake.kind is Kind.MISSED else missing


def _store_refusals(arrivals: Sequence[Arrival], results: Mapping[int, Received | Refused], into: Register) -> None:
    refused = [(i, result) for i, result in results.items() if isinstance(result, Refused)]
    if not refused:
        return
    Refusal.objects.bulk_create(
        Refusal(
            id=row_id,
            verb="contact",
            code=result.code,
            field=result.field,
            clause=result.clause,
            actor=into.actor.id,
            at=arrivals[i].at,
            recorded_at=into.recorded_at,
        )
        for row_id, (i, result) in zip(take_ids(len(refused)), refused, strict=True)
    )


# -- what is new -----------------------------------------------------------------------------------------------------


_IDS = 8  # four of them spare
_ID_NAMES = [f"id{place}" for place in range(_IDS)]
_ALLOT = f"""
WITH allotted AS (
    SELECT n, year, next_case_number(year, series) AS serial, (SELECT max(id) FROM calendar_version) AS calendar,
        {", ".join(f"nextval(%s) AS {name}" for name in _ID_NAMES)}
    FROM unnest(%s::int[], %s::text[]) WITH ORDINALITY AS y(year, series, n)
), taken AS (
    INSERT INTO idempotency_key (actor, key, fingerprint, contact_id, recorded_at)
    SELECT %s::text, %s::text, %s::bytea, id0, %s::timestamptz FROM allotted WHERE %s::text IS NOT NULL AND n = 1
    ON CONFLICT DO NOTHING RETURNING contact_id
)
SELECT year, serial, calendar, (SELECT count(*) FROM taken), {", ".join(_ID_NAMES)} FROM allotted ORDER BY n
"""  # noqa: S608  # names of our own


@dataclass(frozen=True, slots=True)
class _Allotment:
    """The ids and the number of one arrival, taken in one statement whether all of them get used or not.

    `calendar` is the one loaded last, by which the case's terms will be counted.
    """

    contact: int
    case: int
    requester: int
    message: int
    number: str
    calendar: int | None
    spare: tuple[int, ...]  # for the clocks of a case, which would else take a statement of their own
    follows: int | None = None  # the ended case that a new one is linked to

    def after(self, earlier: Case | None) -> Self:
        return self if earlier is None else replace(self, follows=earlier.id)


def _allot(arrivals: Sequence[Arrival], into: Register, key: str | None) -> tuple[list[_Allotment], bool]:
    """Return ids and a number (`YC-2026-000123`; a sequence per year, gaps allowed) for each arrival.

    And whether the first one has taken the key, which is done on the way: a statement of its own costs a round trip.
    """
    if not arrivals:
        return [], False
    zone = into.rules.rulebook.zone
    years = [arrival.at.astimezone(zone).year for arrival in arrivals]
    secret = [_is_confidential(arrival.intake, into.rules) for arrival in arrivals]
    with connection.cursor() as cursor:
        cursor.execute(
            _ALLOT,
            [
                *["huying_id"] * _IDS,
                years,
                [CONFIDENTIAL_SERIES if one else "" for one in secret],
                into.actor.id,
                key,
                arrivals[0].fingerprint(),
                into.recorded_at,
                key,
            ],
        )
        found = cursor.fetchall()
    rows = [
        _Allotment(
            contact,
            case,
            requester,
            message,
            number_of(into.prefix, year, serial, confidential=confidential),
            calendar,
            tuple(spare),
        )
        for confidential, (year, serial, calendar, _, contact, case, requester, message, *spare) in zip(
            secret, found, strict=True
        )
    ]
    return rows, bool(found[0][3])


def _joined(arrivals: Sequence[Arrival], found: Found, into: Register, key: str | None) -> dict[str, Draft | Refused]:
    """Return of each case that these arrivals join its draft, or why it can't be joined, by its number.

    A request that has its answer already gets that one, whatever became of the case since: nothing is decided anew.
    """
    numbers = {arrival.intake.joins: arrival.at for arrival in arrivals if arrival.intake.joins is not None}
    if not numbers or (key and IdempotencyKey.objects.filter(actor=into.actor.id, key=key).exists()):
        return {}
    drafts, _ = opened({found.cases[number] for number in numbers if number in found.cases}, (), into.actor)
    return {number: _joinable(drafts.get(found.cases.get(number, 0)), at, into) for number, at in numbers.items()}


def _joinable(draft: Draft | None, at: datetime, into: Register) -> Draft | Refused:
    if draft is None or draft.case is None or draft.state is None or draft.rules is None:
        return Refused(RefusalCode.NOT_FOUND, "joins")
    if at < draft.case.received_at:
        return Refused(RefusalCode.FIELD_INVALID, "at")
    caught_up(draft, at, into.recorded_at)
    decision = decide(draft.state, JoinContact(), into.actor, at, draft.rules)
    return replace(decision, field="joins") if isinstance(decision, Refused) else draft


def _is_kept_from_its_readers(intake: Intake, draft: Draft) -> bool:
    """Return whether a contact is secret to somebody who reads the case that it would join."""
    if draft.case is None:
        return False
    about = {unit_party(intake.respondent)} if intake.respondent is not None else set()
    about |= {person_party(intake.respondent_person)} if intake.respondent_person is not None else set()
    if bool(intake.confidential) and not draft.case.confidential:
        return True
    return bool(about) and not about <= shut_out(draft.case.id)


def _join(draft: Draft, arrival: Arrival, into: Register, allotted: _Allotment) -> Received:
    """Add a contact to the case of a draft; who called, and from where, lies sealed in it."""
    if draft.case is None or draft.state is None or draft.rules is None:
        raise TypeError("a contact joins a case")
    decision = decide(draft.state, JoinContact(), into.actor, arrival.at, draft.rules)
    if isinstance(decision, Refused):
        raise TypeError(f"a case that could be joined can't: {decision}")
    before, draft.state = draft.state, decision.after
    contact = _contact(arrival, into, allotted.contact, draft, None)
    unit, first = draft.state.unit, _said(arrival.intake, True)
    draft.entries.append(Entry("contact_joined", into.actor, arrival.at, into.recorded_at, unit, contact, first))
    for event in decision.events[1:]:
        draft.entries.append(Entry(event, into.actor, arrival.at, into.recorded_at, unit))
    if is_told(arrival.intake.origin, arrival.at, into.recorded_at):
        draft.announce(decision, before, arrival.at)
    return Received(allotted.contact, draft.case.id, draft.case.number, None)


def _contact(arrival: Arrival, into: Register, contact_id: int, draft: Draft, requester: Requester | None) -> Contact:
    intake = arrival.intake
    return Contact(
        id=contact_id,
        at=arrival.at,
        case=draft.case,
        requester=requester,
        key_id=draft.key.id,
        recorded_at=into.recorded_at,
        origin=intake.origin,
        channel=intake.channel,
        external_id=intake.external_id,
        kind=intake.kind,
        post_id=intake.post,
        contact_point_id=intake.contact_point,
        confidential=_is_confidential(intake, into.rules),
        respondent_id=intake.respondent,
        respondent_person_id=intake.respondent_person,
        missing=list(_missing(intake, into.rules)) if requester is not None else [],
        fingerprint=intake.fingerprint(),
    )


def _said(intake: Intake, is_known: bool) -> dict[str, str | None]:
    fields = _fields(intake, is_known=is_known)
    return {"text": intake.text, "title": intake.title, "fields": json.dumps(fields) if fields else None}


def _draft(
    arrival: Arrival, into: Register, allotted: _Allotment, accounts: dict[bytes, Requester]
) -> tuple[Draft, Received]:
    """Return the draft of a contact and, where its kind opens one, of its case; and the answer to the sender."""
    intake, rules = arrival.intake, ruleset(into.version, allotted.calendar)
    way_in = rules.way_in(intake.channel, arrival.at) if intake.origin is Origin.LIVE else WayIn.OPEN
    opens = rules.rulebook.opens_case(intake.kind) and way_in is WayIn.OPEN
    key_row, key = new_key(allotted.case if opens else allotted.contact)
    draft = Draft(key=key, head=Head(), is_new=True, new_keys=[key_row], spare_ids=allotted.spare)
    draft.rules, draft.calendar = rules, allotted.calendar
    requester = _requester(intake, allotted.requester, draft, accounts)
    code = None
    if opens:
        code = _open_case(draft, arrival, into, requester, allotted)
    contact = _contact(arrival, into, allotted.contact, draft, requester)
    said = _said(intake, requester is not draft.requester)
    event = "contact_received"
    if opens and draft.state is not None:
        event = _registered(draft.state)
    entry = Entry(event, into.actor, arrival.at, into.recorded_at, None, contact, said, opening=draft.opening())
    draft.entries.append(entry)
    if not opens:
        _wait(draft, contact, way_in, arrival, into)
    case_id, number = (draft.case.id, draft.case.number) if draft.case else (None, None)
    clocks = draft.state.clocks if draft.state else ()
    return draft, Received(allotted.contact, case_id, number, code, clocks=clocks)


def _wait(draft: Draft, contact: Contact, way_in: WayIn, arrival: Arrival, into: Register) -> None:
    """Let a contact wait to be sorted or called back, if it is one for that, and tell who came to a closed door."""
    if draft.rules is None:
        raise TypeError("rules say what a contact waits for")
    if way_in is WayIn.CALL_BACK:
        contact.kind = Kind.MISSED
    state = state_of_contact(contact, draft.calendar)
    if way_in is not WayIn.OFF and state.ended_at is None:
        draft.state = draft.rules.wait(state, arrival.at)
    reply = draft.rules.reply(arrival.intake.channel)
    if way_in is WayIn.OPEN or reply is None or not is_told(arrival.intake.origin, arrival.at, into.recorded_at):
        return
    draft.contact = contact
    if not _told_lately(arrival):
        draft.say("auto_replied", Telling(Audience.CITIZEN, Said(reply)), arrival.at)


def _told_lately(arrival: Arrival) -> bool:
    """Return whether somebody at this phone was told so within a day, which is often enough (one statement)."""
    if arrival.intake.phone is None:
        return False
    since = arrival.at - REPLIED_FOR
    said = Message.objects.filter(event="auto_replied", created_at__gt=since, created_at__lte=arrival.at)
    return said.filter(contact__requester__phone_index=phone_index(arrival.intake.phone)).exists()


def _is_confidential(intake: Intake, rules: Ruleset) -> bool:
    return rules.rulebook.intake.confidential if intake.confidential is None else intake.confidential


def _open_case(draft: Draft, arrival: Arrival, into: Register, requester: Requester, allotted: _Allotment) -> str:
    """Put a new case into the draft and return its query code."""
    intake, at = arrival.intake, arrival.at
    if draft.rules is None:
        raise TypeError("a case is opened under rules")
    state = _first_state(intake, draft.rules, at, allotted)
    opening = Opening(
        number=allotted.number,
        version=into.version,
        requester=requester,
        channel=intake.channel,
        origin=intake.origin,
        text=intake.text,
        title=intake.title,
        phone=intake.phone,
        name=intake.name,
        follows=allotted.follows,
        respondent_person=intake.respondent_person,
    )
    code = open_case(draft, state, opening)
    if state.confidential:
        draft.let_in(into.actor)
    if is_told(intake.origin, at, into.recorded_at):
        told = Told(allotted.number, state, state, None, draft.rules)
        draft.tell(_registered(state), told, at, allotted.message)
    return code


def _registered(state: CaseState) -> str:
    """Return the event by which a case begins."""
    return "registered_incomplete" if state.stage is Stage.PENDING_INFO else "registered"


def _first_state(intake: Intake, rules: Ruleset, at: datetime, allotted: _Allotment) -> CaseState:
    """Return the case as it is received."""
    state = CaseState(
        id=allotted.case,
        stage=Stage.RECEIVED,
        kind=intake.kind,
        complexity=intake.complexity,
        urgency=Urgency.NORMAL,
        received_at=at,
        confidential=_is_confidential(intake, rules),
        post=intake.post,
        respondent=intake.respondent,
        calendar=allotted.calendar,
        missing=_missing(intake, rules),
    )
    return rules.received(state, at)


def _requester(intake: Intake, requester_id: int, draft: Draft, accounts: dict[bytes, Requester]) -> Requester:
    """Return the requester of an account if it is known, else a new one: equal phones never join by themselves."""
    account = account_index(intake)
    if account is not None and account in accounts:
        return accounts[account]
    requester = Requester(id=requester_id, account_index=account)
    draft.requester = requester
    if account is not None:
        accounts[account] = requester
    if intake.phone or intake.name:
        key_row, key = new_key(requester_id)
        draft.new_keys.append(key_row)
        seal(requester, key, phone=intake.phone, name=intake.name)
        requester.phone_index = phone_index(intake.phone) if intake.phone else None
        requester.name_index = blind_index(intake.name, "name") if intake.name else None
    return requester


def _fields(intake: Intake, *, is_known: bool) -> dict[str, str]:
    """Return the further fields of a contact; of a known requester also phone and name, which else stand nowhere."""
    own = {"contact_phone": intake.phone, "name": intake.name} if is_known else {}
    return {**{name: said for name, said in own.items() if said}, **intake.fields}
