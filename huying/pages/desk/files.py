"""附件: the files of one case, to add one and to open them."""

from collections.abc import Sequence
from typing import IO, cast

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from huying.cases.attachments import Attached, attach, attached_to, may_attach, opened_file
from huying.cases.clock import now
from huying.cases.dossier import dossier
from huying.cases.models import Case
from huying.cases.package import is_handed_over, package_of
from huying.cases.queries import visible_to
from huying.pages.access import READERS, Signed, requires
from huying.pages.downloads import saved
from huying.pages.frame import footed
from huying.pages.labels import ATTACHMENTS
from huying.pages.shown import ShownFile, ShownPage, ShownTab
from huying.people.actors import actor_of
from huying.rules.access import Actor, Role, may_call
from huying.rules.deciding import Refused
from huying.rules.vocabulary import Action, AttachmentKind, RefusalCode
from huying.vault.files import LARGEST
from huying.vault.seals import keys_of

from .forms import Sheet, Words

_MIB = 2**20


@requires(*READERS)
def case_files(request: Signed, number: str) -> HttpResponse:
    """List the files of a case; a POST adds one."""
    at = now()
    actor = actor_of(request.user, at)
    case = visible_to(actor).filter(number=number).first()
    key = keys_of([case.id]).get(case.id) if case else None
    if case is None or key is None:
        raise Http404
    form = _form(request.POST.dict() if request.method == "POST" else None)
    if request.method == "POST":
        refused = _attached(request, case, actor, form)
        if refused is None:
            messages.success(request, gettext("附件存好了。"))
            return redirect("case_files", number=number)
        form.refuse([refused])
    context = {
        "page": ShownPage(gettext("附件")),
        "now": at,
        "frame": footed(request, at),
        "back": ShownTab(number, reverse("case", args=[number])),
        "files": _shown(attached_to(case, key), case, actor),
        "form": form if may_attach(case, actor) else None,
        "package": reverse("case_package", args=[number]) if _may_take(case, actor) else "",
    }
    return render(request, "desk/files.html", context)


@requires(*READERS)
def case_file(request: Signed, number: str, file_id: int) -> HttpResponse:
    at = now()
    found = opened_file(number, file_id, actor_of(request.user, at), at) if file_id < 2**63 else None
    if found is None:
        raise Http404
    return saved(*found)


@requires(Role.DISCIPLINE)
def package(request: Signed, number: str) -> HttpResponse:
    """Send a case that was handed over, with its ledger, as one document; the look at who raised it is logged."""
    at = now()
    actor = actor_of(request.user, at)
    found = dossier(visible_to(actor), number, actor)
    if found is None or not is_handed_over(found):
        raise Http404
    with transaction.atomic():
        answer = JsonResponse(package_of(found, actor, at), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{number}.json") or ""
    answer["Cache-Control"] = "no-store"
    return answer


def _form(data: dict[str, str] | None) -> Sheet:
    form = Sheet("attach", data, {})
    kinds = [(kind.value, ATTACHMENTS[kind]) for kind in AttachmentKind]
    form.add("kind", forms.ChoiceField(choices=kinds, widget=Words, required=False), must=True)
    form.add("file", forms.FileField(required=False), must=True)
    return form


def _attached(request: Signed, case: Case, actor: Actor, form: Sheet) -> Refused | None:
    sent = request.FILES.get("file")
    if sent is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "file")
    result = attach(case.id, form.data.get("kind", ""), sent.name or "", cast(IO[bytes], sent.file), now(), actor)
    if not isinstance(result, Refused):
        return None
    if result.field == "file":
        form.add_error("file", gettext("附件最大 {n} MB，请压缩后再传").format(n=LARGEST // _MIB))
    return result


def _may_take(case: Case, actor: Actor) -> bool:
    return actor.role is Role.DISCIPLINE and Action.DISCIPLINE in case.memory.get("actions", ())


def _shown(found: Sequence[Attached], case: Case, actor: Actor) -> list[ShownFile]:
    sees_identity = may_call(actor, case.unit_id, case.post_id)
    return [
        ShownFile(
            name=one.name if one.kind is not AttachmentKind.IDENTITY or sees_identity else gettext("身份凭据"),
            kind=str(ATTACHMENTS[one.kind]),
            size=f"{one.size / 1024:,.0f} KB",
            at=one.at,
            url=reverse("case_file", args=[case.number, one.id])
            if one.kind is not AttachmentKind.IDENTITY or sees_identity
            else "",
            used_elsewhere=one.used_elsewhere,
        )
        for one in found
    ]
