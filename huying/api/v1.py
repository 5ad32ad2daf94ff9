"""The HTTP API, version 1: contacts go in, cases are read and worked on, by programs that bear a token.

Only a token counts here, never a cookie; so no page of somebody else can act with an official's session.
"""

from datetime import datetime
from typing import IO, Annotated, cast

from django.http import HttpRequest
from ninja import HeaderEx, NinjaAPI, QueryEx, Status
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer

from huying.cases import clock, queries
from huying.cases.approvals import submit, waiting_in, waiting_in_case
from huying.cases.arrival import is_id
from huying.cases.attachments import attach
from huying.cases.doors import act
from huying.cases.dossier import dossier, find, first_terms, number_of
from huying.cases.intake import Received, Register, register
from huying.cases.masked import readable
from huying.cases.models import Approval
from huying.cases.queries import Cursor, Filter, page, visible_to
from huying.cases.receipts import TooManyTries, as_code, as_number, opened_by
from huying.cases.waiting import is_a_contacts_chain, waiting_page
from huying.people.actors import actor_with_token
from huying.rules.access import Actor
from huying.rules.commands import APPROVER, VERBS
from huying.rules.lifecycle import Refused
from huying.rules.reading import invalid, is_text, read_command
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode, Stage
from huying.vault.seals import keys_of

from .approvals import Decided, ShownApproval, decide
from .described import BY_RECEIPT, COMMAND, CONTACT, DECIDING, FILE, OF_CONTACTS, SORTING
from .naming import names_in, with_ids
from .problems import Problem, Stopped, answer_problems, not_found, refused, stopped
from .reading import KEYS_OF_CONTACT, body_of, read_contact
from .shown import (
    ShownCase,
    ShownContact,
    ShownPage,
    ShownSorting,
    ShownTerm,
    ShownTotals,
    ShownWaitingPage,
    Standing,
    ToldToRequester,
)


class Asked(HttpRequest):
    """A request of a program with a token."""

    auth: Actor


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002  # the library's
        return actor_with_token(token, clock.now())


class Renderer(JSONRenderer):
    json_dumps_params = {"ensure_ascii": False}  # noqa: RUF012  # as the library has it


api = NinjaAPI(
    title="Huying 呼应",
    version="1",
    description=__doc__ or "",
    auth=Bearer(),
    docs_url=None,
    renderer=Renderer(),
    urls_namespace="api",
)
answer_problems(api)


def _problems(*statuses: int) -> dict[int, type[Problem]]:
    """Return what may be answered besides, of which every address has the stranger's and the fault."""
    return dict.fromkeys((401, *statuses, 500), Problem)


@api.post(
    "/contacts",
    response={201: ShownContact, **_problems(400, 409, 413, 422, 503)},
    openapi_extra={"requestBody": CONTACT},
    url_name="contacts",
)
def take_in(
    request: Asked, idempotency_key: Annotated[str, HeaderEx(alias="Idempotency-Key", min_length=1)]
) -> Status[ShownContact]:
    """Register a contact, once per Idempotency-Key: whoever asks again within seven days gets the same answer."""
    body = body_of(request)
    intake, occurred_at, misread = read_contact(body)
    into = Register.now_in_force(request.auth, clock.now())
    match register(intake, occurred_at, into, key=idempotency_key, misread=misread):
        case Refused() as refusal:
            raise refused(refusal, KEYS_OF_CONTACT)
        case Received() as received:
            # Who joined a case began no term of it; whoever opened one is told its code.
            joined = received.case_id is not None and received.code is None
            chain = received.case_id or received.contact_id
            earlier = first_terms(received.contact_id, chain) if received.again and not joined else ()
            begun = sorted(map(ShownTerm.begun, earlier or received.clocks), key=lambda one: (one.due, one.step))
            told = ShownContact(contact=received.contact_id, case=received.number, code=received.code, clocks=begun)
            return Status(201, told)


@api.get("/contacts", response={200: ShownWaitingPage, **_problems(400)}, url_name="waiting")
def waiting(request: Asked, place: Annotated[str | None, QueryEx(alias="from")] = None) -> ShownWaitingPage:
    """List the contacts that wait to be sorted or called back and that this token may see, the longest first."""
    return ShownWaitingPage.of(waiting_page(request.auth, _cursor(place)))


@api.post(
    "/contacts/{int:contact}/commands",
    response={200: ShownSorting, **_problems(400, 404, 409, 413)},
    openapi_extra={"requestBody": SORTING},
    url_name="sorting",
)
def sort(request: Asked, contact: int) -> ShownSorting:
    """Sort a contact that waits, call its requester back, or put right what it says; as with a case, `do` says what.

    The query code of a case that is made of it is told to its requester alone.
    """
    body = body_of(request)
    verb = body.pop("do", None)
    known = is_id(contact) and is_a_contacts_chain(contact)
    if not isinstance(verb, str) or verb not in OF_CONTACTS:
        raise _no_verb(verb) if known else not_found()
    state, at = _act(contact if known else 0, verb, body, request.auth)
    return ShownSorting.after(number_of(contact) if state.stage is not Stage.WAITING else None, state, at)


@api.get("/cases", response={200: ShownPage, **_problems(400)}, url_name="cases")
def cases(
    request: Asked, show: Filter = Filter.OPEN, place: Annotated[str | None, QueryEx(alias="from")] = None
) -> ShownPage:
    """List what this token may see, fifty at a time; `from` says the place in the list, as a page before said it."""
    return ShownPage.of(page(visible_to(request.auth), show, clock.now(), _cursor(place)))


def _cursor(place: str | None) -> Cursor | None:
    """Return the place in a list that an address says. Raises Stopped."""
    try:
        return None if place is None else Cursor.of(place)
    except ValueError as garbled:
        raise stopped(400, "bad_parameter", "from") from garbled


@api.get("/cases/{number}", response={200: ShownCase, **_problems(404)}, url_name="case")
def case(request: Asked, number: str) -> ShownCase:
    """Tell everything about one case."""
    found = dossier(visible_to(request.auth), number, request.auth)
    if found is None:
        raise not_found()
    return ShownCase.told(readable(found, request.auth), request.auth, clock.now())


@api.post(
    "/cases/{number}/commands",
    response={200: Standing | ToldToRequester, 202: ShownApproval, **_problems(400, 404, 409, 413, 429)},
    openapi_extra={"requestBody": COMMAND},
    url_name="commands",
)
def command(request: Asked, number: str) -> Standing | ToldToRequester | Status[ShownApproval]:
    """Do something to a case: `do` says what, the other keys belong to it. The answer is the case as that left it.

    What nobody may do alone is laid before a second person (202), and done once that one approves. With the
    receipt's `code` and `last_digits` it is the requester who does it, whatever this token may see.
    """
    body = body_of(request)
    verb = body.pop("do", None)
    if verb in BY_RECEIPT and body.get("code") is not None:
        return _by_receipt(request.auth, number, str(verb), body)
    found, named = find(visible_to(request.auth), number, names_in(body))
    if not isinstance(verb, str) or verb not in VERBS:
        raise not_found() if found is None else _no_verb(verb)
    # An unknown number goes to the door too, which keeps a row of every refusal; no case has the id 0.
    match _submitted(found.id if found else 0, verb, with_ids(body, named), request.auth):
        case Approval() as approval:
            return Status(202, ShownApproval.of(approval, keys_of([approval.case_id])[approval.case_id]))
        case (state, at):
            units = (found.unit if found else None, *named.units.values())
            return Standing.after(number, state, units, request.auth, at)


@api.get(
    "/cases/{number}/approvals", response={200: list[ShownApproval], **_problems(404)}, url_name="waiting_approvals"
)
def approvals(request: Asked, number: str) -> list[ShownApproval]:
    """List what waits for a second person in one case, the earliest first."""
    found, _ = find(visible_to(request.auth), number, set())
    if found is None:
        raise not_found()
    key = keys_of([found.id])[found.id]
    return [ShownApproval.of(one, key) for one in waiting_in(found.id)]


@api.post(
    "/cases/{number}/approvals/{int:approval}",
    response={200: Decided, **_problems(400, 404, 409, 413)},
    openapi_extra={"requestBody": DECIDING},
    url_name="approvals",
)
def decide_approval(request: Asked, number: str, approval: int) -> Decided:
    """Approve what somebody else has asked for, which is done at once, or refuse it with a reason."""
    body = body_of(request)
    found = waiting_in_case(visible_to(request.auth), number, approval)
    if found is None:
        raise not_found()
    if body.get("do") not in ("approve", "refuse"):
        raise _no_verb(body.get("do"))
    refusal = decide(found.id, body["do"], body.get("reason"), clock.now(), request.auth)
    if refusal is not None:
        raise refused(refusal, {})
    found.refresh_from_db(fields=["ended_as"])
    return Decided(id=found.id, ended_as=found.ended_as or "")


@api.post(
    "/cases/{number}/files",
    response={201: Standing, **_problems(400, 404, 409)},
    openapi_extra={"requestBody": FILE},
    url_name="files",
)
def add_file(request: Asked, number: str, kind: str, name: str) -> Status[Standing]:
    """Lay a file beside a case: the body is the file, of 20 MB at most, `kind` says what it shows."""
    found, _ = find(visible_to(request.auth), number, set())
    at = clock.now()
    match attach(found.id if found else 0, kind, name, cast(IO[bytes], request), at, request.auth):
        case Refused() as refusal:
            raise refused(refusal, {})
        case state:
            return Status(201, Standing.after(number, state, (found.unit if found else None,), request.auth, at))


def _by_receipt(program: Actor, number: str, verb: str, body: dict[str, object]) -> ToldToRequester:
    """Do what the requester does who holds the receipt; a program may guess as often as an address may."""
    code, digits = body.pop("code"), body.pop("last_digits", None) or ""
    try:
        readable = is_text(code) and is_text(digits)
        tried = (as_number(number), as_code(str(code)), str(digits), program.id)
        case = opened_by(*tried, clock.now()) if readable else None
    except TooManyTries as too_many:
        raise stopped(429, "too_many_tries") from too_many
    chain = case.id if case else 0
    state, _ = _act(chain, verb, body, Actor.citizen(chain))
    return ToldToRequester.after(number, state)


def _act(chain: int, verb: str, body: dict[str, object], actor: Actor) -> tuple[CaseState, datetime]:
    """Do something now and return what came of it, and when that was. Raises Stopped."""
    asked, misread = read_command(verb, body)
    at = clock.now()
    match act(chain, asked, at, at, actor, misread=misread):
        case Refused() as refusal:
            raise refused(refusal, {})
        case state:
            return state, at


def _submitted(chain: int, verb: str, body: dict[str, object], actor: Actor) -> tuple[CaseState, datetime] | Approval:
    """Do something now, or have it approved. Raises Stopped."""
    asked, misread = read_command(verb, body)
    approver = APPROVER.get(type(asked))
    if approver is not None and body.get(approver) is not None:
        misread = misread or invalid(approver)  # a second person says so himself
    at = clock.now()
    match submit(chain, asked, at, actor, misread=misread):
        case Refused() as refusal:
            raise refused(refusal, {})
        case Approval() as approval:
            return approval
        case state:
            return state, at


def _no_verb(verb: object) -> Stopped:
    """Return the refusal of what is no command; such a thing leaves no row."""
    return refused(Refused(RefusalCode.FIELD_REQUIRED if verb is None else RefusalCode.FIELD_INVALID, "do"), {})


@api.get("/totals", response={200: ShownTotals, **_problems()}, url_name="totals")
def totals(request: Asked) -> ShownTotals:
    """Count what this token may see."""
    return ShownTotals.of(queries.totals(request.auth, clock.now()))


_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@api.api_operation(_ANY, "/{path:rest}", include_in_schema=False, url_name="nothing_here")
def nothing_here(request: Asked, rest: str) -> None:
    """Answer at every other address, to strangers as at those that exist."""
    raise stopped(404, "no_such_address")


@api.api_operation(_ANY, "/", include_in_schema=False, url_name="root")
def root(request: Asked) -> None:
    raise stopped(404, "no_such_address")
