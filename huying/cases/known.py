"""What door 1 finds in the register of what some intakes name: posts, units, cases, and what came before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from django.db.models import BigIntegerField, BinaryField, Q, Value
from django.db.models.functions import Cast

from huying.directory.models import ContactPoint
from huying.people.models import Post, Unit
from huying.people.serving import holder_at
from huying.rules.lifecycle import Refused

from .answers import answers, same_or_refused
from .arrival import Arrival, Intake, Received, Register, exact_index, is_id
from .draft import UNSTORABLE
from .models import Case, Contact, Requester

# The unique index takes at most 2,704 bytes a row; no sender's own numbers come near this.
LONGEST_ID = 200
LONGEST_CHANNEL = 24


@dataclass(frozen=True, slots=True)
class Found:
    """What the register has of what some intakes name: posts and units by id and code, contact points, contacts."""

    addresses: Set[tuple[str, int]]
    posts: Mapping[str, int]
    units: Mapping[str, int]
    contacts: Mapping[tuple[str, str], Contact]
    cases: Mapping[str, int]  # by their numbers


def look_up(intakes: Sequence[Intake]) -> Found:
    """Look up, in at most one statement, the addresses and cases that intakes name and the external ids they bear."""
    posts = set(filter(is_id, (intake.post for intake in intakes)))
    codes = _codes(named for intake in intakes for named in (intake.to, intake.holder_of))
    unit_codes = _codes(intake.complained_about for intake in intakes)
    units = set(filter(is_id, (intake.respondent for intake in intakes)))
    points = set(filter(is_id, (intake.contact_point for intake in intakes)))
    numbers = {intake.joins for intake in intakes if intake.joins is not None and fits(intake.joins, LONGEST_ID)}
    named = {name for intake in intakes if (name := _external(intake)) is not None}
    known = Contact.objects.filter(
        channel__in={channel for channel, _ in named}, external_id__in={i for _, i in named}
    )
    no_id, no_bytes = Cast(Value(None), BigIntegerField()), Cast(Value(None), BinaryField())
    rows = known.values_list(Value("contact"), "id", "external_id", "channel", "case_id", "fingerprint").union(
        Post.objects.filter(Q(id__in=posts) | Q(code__in=codes)).values_list(
            Value("post"), "id", "code", Value(""), no_id, no_bytes
        ),
        Unit.objects.filter(Q(id__in=units) | Q(code__in=unit_codes), abolished_on=None).values_list(
            Value("respondent"), "id", "code", Value(""), no_id, no_bytes
        ),
        ContactPoint.objects.filter(id__in=points).values_list(
            Value("contact_point"), "id", "value", Value(""), no_id, no_bytes
        ),
        Case.objects.filter(number__in=numbers).values_list(
            Value("case"), "id", "number", Value(""), Cast("memory__merged_into", BigIntegerField()), no_bytes
        ),
        all=True,
    )
    addresses, contacts, cases = set(), {}, {}
    by_code: dict[str, dict[str, int]] = defaultdict(dict)
    for table, row_id, name, channel, case_id, fingerprint in rows:
        if table == "contact":
            contacts[channel, name] = Contact(id=row_id, case_id=case_id, fingerprint=fingerprint)
            continue
        if table == "case":
            cases[name] = case_id or row_id  # both numbers of a merged case open the older one
            continue
        addresses.add((table, row_id))
        by_code[table][name] = row_id
    return Found(addresses, by_code["post"], by_code["respondent"], contacts, cases)


def _codes(said: Iterable[str | None]) -> set[str]:
    return {code for code in said if code is not None and fits(code, LONGEST_ID)}


def by_ids(arrival: Arrival, found: Found) -> Arrival:
    """Return an arrival that names post, unit and person by their ids; an unknown code is kept, and refused."""
    intake = arrival.intake
    if (post := found.posts.get(intake.to or "")) is not None:
        intake = replace(intake, post=post, to=None)
    if (unit := found.units.get(intake.complained_about or "")) is not None:
        intake = replace(intake, respondent=unit, complained_about=None)
    if (post := found.posts.get(intake.holder_of or "")) is not None:
        intake = replace(intake, respondent_post=post, holder_of=None)
    if is_id(intake.respondent_post):
        intake = replace(intake, respondent_person=holder_at(intake.respondent_post, arrival.at))
    return arrival if intake is arrival.intake else replace(arrival, intake=intake)


def _external(intake: Intake) -> tuple[str, str] | None:
    """Return by what a second delivery of an intake would be known, if anything that can be kept."""
    name = intake.external_id
    kept = name is not None and fits(name, LONGEST_ID) and fits(intake.channel, LONGEST_CHANNEL)
    return (intake.channel, name) if kept and name is not None else None


def known_answers(
    arrivals: Sequence[Arrival], refused: Mapping[int, object], found: Found, into: Register
) -> dict[int, Received | Refused]:
    """Return the answers to arrivals that were registered before under their channel and external id."""
    wanted = {
        i: name for i, arrival in enumerate(arrivals) if i not in refused and (name := _external(arrival.intake))
    }
    contacts = {i: found.contacts[name] for i, name in wanted.items() if name in found.contacts}
    once = list({contact.id: contact for contact in contacts.values()}.values())
    known = answers(once, into.actor) if once else {}
    return {
        i: same_or_refused(arrivals[i].intake, bytes(contact.fingerprint), known[contact.id])
        for i, contact in contacts.items()
    }


def requesters_of(intakes: Sequence[Intake]) -> dict[bytes, Requester]:
    """Return the requesters known by one of the platform accounts of these intakes."""
    wanted = {account for intake in intakes if (account := account_index(intake)) is not None}
    if not wanted:
        return {}
    found = Requester.objects.filter(account_index__in=wanted)
    return {bytes(requester.account_index or b""): requester for requester in found}


def account_index(intake: Intake) -> bytes | None:
    if intake.account is None:
        return None
    return exact_index({"channel": intake.channel, "account": intake.account}, "account")


def fits(text: str, longest: int) -> bool:
    """Return whether a name can be kept: of that length at most, and without a character that can't."""
    return len(text) <= longest and UNSTORABLE.search(text) is None
