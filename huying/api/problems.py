"""What the API answers where it can't do what is asked: always the same JSON, and a sentence that says what to do."""

import logging
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, ValidationError

from huying.cases.refusals import sentence
from huying.cases.rulebooks import NoRulebook
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import RefusalCode

logger = logging.getLogger(__name__)

# Codes of HTTP itself; all others are the refusal codes of the doors.
_SENTENCES = {
    "no_token": gettext_lazy("没有令牌，或者令牌不对。请带上有效的令牌再试。"),
    "unreadable": gettext_lazy("请求的内容要是一个 JSON 对象。请改正后再发。"),
    "too_large": gettext_lazy("请求的内容太大。请缩短后再发。"),
    "key_required": gettext_lazy("请求缺少 Idempotency-Key。请为每个来件带上自己的键。"),
    "bad_parameter": gettext_lazy("地址的参数不对。请核对后再试。"),
    "no_such_address": gettext_lazy("没有这个地址。请核对后再试。"),
    "wrong_http_method": gettext_lazy("这个地址不接受这种方法。请看允许的方法。"),
    "too_many_tries": gettext_lazy("试的次数太多了。请过一小时再试，或者打电话来查。"),
    "fault": gettext_lazy("系统出错了，已经记下。请稍后再试。"),
    "no_rulebook": gettext_lazy("系统还没有准备好：没有现行规则。请系统管理员采用一套规则。"),
}


class Problem(Schema):
    """`code` is stable, `field` names a key of the request, `clause` one of the rulebook; `message` is for people."""

    code: str
    field: str | None = None
    clause: str | None = None
    message: str


class Stopped(Exception):
    """The request ends here, with this status and problem."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.code)
        self.status, self.problem = status, problem


def stopped(status: int, code: str, field: str | None = None) -> Stopped:
    return Stopped(status, Problem(code=code, field=field, message=str(_SENTENCES[code])))


def refused(refusal: Refused, keys: Mapping[str, str]) -> Stopped:
    """Return the answer to what a door refused; `keys` are the request's names of fields that a door calls otherwise.

    404 for what can't be seen, 422 for a key that stands for another body (draft-ietf-httpapi-idempotency-key), else
    409.
    """
    field = refusal.field and keys.get(refusal.field, refusal.field)
    problem = Problem(code=refusal.code, field=field, clause=refusal.clause, message=sentence(refusal))
    if refusal.code is RefusalCode.NOT_FOUND:
        return Stopped(404, problem)
    other_body = refusal.code is RefusalCode.IDENTITY_REUSED and refusal.field == "Idempotency-Key"
    return Stopped(422 if other_body else 409, problem)


def response(end: Stopped) -> HttpResponse:
    said = end.problem.model_dump()
    answer = JsonResponse(said, status=end.status, json_dumps_params={"ensure_ascii": False})
    if end.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="huying"'
    return answer


def answer_problems(api: NinjaAPI) -> None:
    """Have `api` answer whatever ends a request."""

    @api.exception_handler(Stopped)
    def _stopped(_request: HttpRequest, end: Stopped) -> HttpResponse:
        return response(end)

    @api.exception_handler(AuthenticationError)
    def _stranger(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return response(stopped(401, "no_token"))

    @api.exception_handler(ValidationError)
    def _parameter(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        source, *_, name = error.errors[0]["loc"]
        return response(stopped(400, "key_required" if source == "header" else "bad_parameter", str(name)))

    @api.exception_handler(NoRulebook)
    def _not_ready(_request: HttpRequest, _error: NoRulebook) -> HttpResponse:
        return response(stopped(503, "no_rulebook"))

    @api.exception_handler(Exception)
    def _fault(_request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("a request to the API failed", exc_info=error)
        return response(stopped(500, "fault"))


def not_found() -> Stopped:
    return refused(Refused(RefusalCode.NOT_FOUND), {})
