"""The HTTP API, version 1: contacts go in, cases are read and worked on, by programs that bear a token.

Only a token counts here, never a cookie; so no page of somebody else can act with an official's session.
"""

from typing import Annotated

from django.http import HttpRequest
from ninja import HeaderEx, NinjaAPI, QueryEx, Status
from ninja.renderers import JSONRenderer
from ninja.security import HttpBearer

from huying.cases import clock, queries
from huying.cases.doors import act
from huying.cases.dossier import dossier, find, first_terms
from huying.cases.intake import Received, Register, register
from huying.cases.queries import Cursor, Filter, page, visible_to
from huying.people.actors import actor_with_token
from huying.rules.access import Actor
from huying.rules.commands import VERBS
from huying.rules.lifecycle import Refused
from huying.rules.reading import is_text, read_command
from huying.rules.vocabulary import RefusalCode

from .described import COMMAND, CONTACT
from .problems import Problem, answer_problems, not_found, refused, stopped
from .reading import KEYS_OF_CONTACT, body_of, read_contact
from .shown import ShownCase, ShownContact, ShownPage, ShownTerm, ShownTotals, Standing


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
            earlier = first_terms(received.contact_id, received.case_id) if received.again and received.code else ()
            begun = sorted(map(ShownTerm.begun, earlier or received.clocks), key=lambda one: (one.due, one.step))
            told = ShownContact(contact=received.contact_id, case=received.number, code=received.code, clocks=begun)
            return Status(201, told)


@api.get("/cases", response={200: ShownPage, **_problems(400)}, url_name="cases")
def cases(
    request: Asked, show: Filter = Filter.OPEN, place: Annotated[str | None, QueryEx(alias="from")] = None
) -> ShownPage:
    """List what this token may see, fifty at a time; `from` says the place in the list, as a page before said it."""
    at = clock.now()
    try:
        cursor = None if place is None else Cursor.of(place)
    except ValueError as garbled:
        raise stopped(400, "bad_parameter", "from") from garbled
    return ShownPage.of(page(visible_to(request.auth), show, at, cursor))


@api.get("/cases/{number}", response={200: ShownCase, **_problems(404)}, url_name="case")
def case(request: Asked, number: str) -> ShownCase:
    """Tell everything about one case."""
    found = dossier(visible_to(request.auth), number, request.auth)
    if found is None:
        raise not_found()
    return ShownCase.told(found, clock.now())


@api.post(
    "/cases/{number}/commands",
    response={200: Standing, **_problems(400, 404, 409, 413)},
    openapi_extra={"requestBody": COMMAND},
    url_name="commands",
)
def command(request: Asked, number: str) -> Standing:
    """Do something to a case: `do` says what, the other keys belong to it. The answer is the case as that left it."""
    body = body_of(request)
    code = body.get("unit")
    found, named = find(visible_to(request.auth), number, code if is_text(code) and "\0" not in code else None)
    verb = body.pop("do", None)
    if not isinstance(verb, str) or verb not in VERBS:
        if found is None:
            raise not_found()
        why = RefusalCode.FIELD_REQUIRED if verb is None else RefusalCode.FIELD_INVALID
        raise refused(Refused(why, "do"), {})
    if code is not None:
        body["unit"] = named.id if named else ""  # a text is no unit to the rules
    asked, misread = read_command(verb, body)
    at = clock.now()
    # An unknown number goes to the door too, which keeps a row of every refusal; no case has the id 0.
    match act(found.id if found else 0, asked, at, at, request.auth, misread=misread):
        case Refused() as refusal:
            raise refused(refusal, {})
        case state:
            return Standing.after(number, state, (found.unit if found else None, named), at)


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
