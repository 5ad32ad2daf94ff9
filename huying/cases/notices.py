"""Who is told what because of which event: one table, with an entry for every event, if only to say that nobody is.

A citizen's message is for the job `deliver`; staff read theirs on their desk.
"""

from collections.abc import Iterator, Mapping

from huying.rules.vocabulary import ClosedAs

from .blanks import Told
from .occasions import (
    by_review,
    by_verdict,
    called,
    closed_as,
    critical,
    due_said,
    faulted,
    faulted_instead,
    first_given,
    given_up,
    handling,
    holder_changed,
    instructed_before,
    instructed_instead,
    interviewed,
    is_emergency,
    marked,
    may_be_reviewed,
    named,
    never_completed,
    no_due_said,
    no_emergency,
    takes_part_instead,
    took_part,
    waits_for_callback,
    was_dealt_with,
    was_declined,
    was_withdrawn,
)
from .wording import (
    Telling,
    Wording,
    telling,
    to_citizen,
    to_discipline,
    to_leader,
    to_office,
    to_supervisor,
    to_unit,
)

# Ends after a talk with the requester, who needs no call to know; and ends that nobody has told anybody yet.
_TALKED_OVER = (
    ClosedAs.SATISFIED,
    ClosedAs.BASICALLY_SATISFIED,
    ClosedAs.UNDERSTANDING,
    ClosedAs.UNREACHABLE,
    ClosedAs.DECLINED_TO_SAY,
)
_TO_BE_TOLD = (ClosedAs.UNSATISFIED, ClosedAs.NO_REVIEW)
_CLOSED = (
    "{number} 已经办结。凭编号和查询码可以看答复。",
    "{number} is closed. Number and query code show the answer.",
)
_RECEIPT = (
    "您反映的事已经登记。编号 {number}，查询码 {code}。",
    "What you told us is registered. Number {number}, query code {code}.",
)
_ASKED_FOR = ("还缺：{missing}。补齐以后开始办理。", "Still missing: {missing}. Work begins once we know.")
_RECEIPT_INCOMPLETE = (_RECEIPT[0] + _ASKED_FOR[0], f"{_RECEIPT[1]} {_ASKED_FOR[1]}")
_NUISANCE = (
    "您近来的来电都已登记，{number} 照常办理，期限不变；没有新情况的通话会提前结束。"
    "有不同意见的，可以凭编号和查询码投诉。",
    "All your calls were registered and {number} goes on in its terms; calls without anything new will be ended"
    " early. If you disagree, complain with number and query code.",
)
_DECLINED = (
    "{number} 不予受理：{reason}。您可以：{route}。",
    "{number} is not accepted: {reason}. What you can do: {route}.",
)
_NEVER_COMPLETED = (
    "{number} 到期没有补齐，不予受理。补齐材料后可以再次反映。",
    "{number} is not accepted, as what was missing didn't come in time. You may raise it again with it.",
)
_EMERGENCY = (
    "情况紧急，请立即拨打 {to}。{number} 已经转交 {to}。",
    "This is an emergency: dial {to} now. {number} was passed on to {to}.",
)
_REFERRED = (
    "{number} 已转有权机关：{to}。请按法定途径反映。",
    "{number} is for another body: {to}. Please turn to it.",
)
_WITHDRAWN = ("{number} 已按您的意思撤回。", "{number} is withdrawn, as you wished.")


def _again(zh: str, en: str) -> tuple[str, str]:
    """Return the wording of an end as whoever comes again is told it."""
    return zh.replace("{number} ", "{number} 的办理结果：", 1), f"The result: {en}"


# -- the table -------------------------------------------------------------------------------------------------------

# Whom nobody tells anything because of an event, and why.
_HEARD_IT: tuple[Wording, ...] = ()  # the requester was there, and nobody else has anything to do
_IN_A_PILE: tuple[Wording, ...] = ()  # who is next has it among what waits
_ONLY_RECORDED: tuple[Wording, ...] = ()  # nothing follows from it for anybody
# The unit that had the case sees it no longer; who took part hears no more than that.
_OUT_OF_SIGHT = (
    to_unit(
        "{number} 已收回另行交办，您单位不用再协办。",
        "{number} was taken back; your unit no longer takes part.",
        units=took_part,
        when=holder_changed,
    ),
)
FAREWELLS = ("recalled", "return_approved", "grouped")  # after which those units see nothing of the case
_SAID_APART: tuple[Wording, ...] = ()  # in `pressing`: what is said depends on rungs and terms; or by a rulebook

_AT_DISCIPLINE = (
    "{number} 已转有权机关。您也可以直接拨打 12388 反映，或者依法申请行政复议、提起诉讼。",
    "{number} was passed on to the body in charge. You may also call 12388, ask for reconsideration or go to court.",
)

NOTICES: Mapping[str, tuple[Wording, ...]] = {
    # what came in
    "contact_received": _IN_A_PILE,
    "auto_replied": _SAID_APART,
    "registered": (to_citizen(*_RECEIPT, discreet=True),),
    "registered_incomplete": (to_citizen(*_RECEIPT_INCOMPLETE, must_reach=True, discreet=True),),
    "contact_joined": (
        to_unit(
            "{number} 诉求人又来补充，期限不变，请看新的内容。",
            "{number}: the citizen added something; no term changes.",
        ),
    ),
    "result_told": (
        to_citizen(
            "{number} 的办理结果：已经办结。凭编号和查询码可以看答复。",
            "The result of {number}: it is closed. Number and query code show the answer.",
            when=was_dealt_with,
            must_reach=True,
        ),
        to_citizen(*_again(*_DECLINED), when=was_declined, must_reach=True),
        to_citizen(*_again(*_NEVER_COMPLETED), when=never_completed, must_reach=True),
        to_citizen(*_again(*_EMERGENCY), when=is_emergency, must_reach=True, at_once=True, discreet=True),
        to_citizen(*_again(*_REFERRED), when=no_emergency, must_reach=True),
        to_citizen(*_again(*_WITHDRAWN), when=was_withdrawn, must_reach=True),
    ),
    "case_opened": (to_citizen(*_RECEIPT, must_reach=True, discreet=True),),
    "case_opened_incomplete": (to_citizen(*_RECEIPT_INCOMPLETE, must_reach=True, discreet=True),),
    "sorted": _ONLY_RECORDED,
    "return_call_missed": _IN_A_PILE,
    "called_back": _HEARD_IT,
    "info_incomplete": (
        to_citizen("{number} " + _ASKED_FOR[0], "{number}: " + _ASKED_FOR[1], must_reach=True, discreet=True),
    ),
    "completed": (to_citizen("{number} 已经补齐，开始办理。", "{number} is complete, and work begins."),),
    "classified": _ONLY_RECORDED,
    "marked_urgent": (
        to_unit(
            "{number} 已标为紧急，期限从现在重新计算。",
            "{number} is urgent now; its terms count anew.",
            when=marked,
        ),
        to_citizen(
            "{number} 已按特急办理。有危险请立即拨打 110、119 或 120。",
            "{number} is being dealt with at once. If there is danger, dial 110, 119 or 120 now.",
            when=critical,
        ),
    ),
    "summarised": _ONLY_RECORDED,
    "attached": _ONLY_RECORDED,
    "corrected": _ONLY_RECORDED,
    "noted": _ONLY_RECORDED,
    "post_moved": (to_leader("{number} 由您现在的职务接续。", "{number} has come over to the post that you hold."),),
    "code_reissued": (
        to_citizen(
            "{number} 的查询码已经更换：{code}。旧的不能再用。",
            "{number} has a new query code: {code}. The old one no longer opens it.",
            discreet=True,
        ),
    ),
    "declined": (
        to_citizen(*_DECLINED, must_reach=True),
        to_leader("{number} 不予受理。", "{number} was not accepted."),
    ),
    "incomplete_declined": (
        to_citizen(*_NEVER_COMPLETED, must_reach=True),
        to_leader("{number} 到期没有补齐，不予受理。", "{number} was not accepted: it was never completed."),
    ),
    "referred": (
        to_citizen(*_EMERGENCY, when=is_emergency, must_reach=True, at_once=True, discreet=True),
        to_citizen(*_REFERRED, when=no_emergency, must_reach=True),
        to_leader("{number} 已转法定渠道。", "{number} was referred to the body that the law provides."),
    ),
    "answered": (
        to_citizen("{number} 已经答复您。", "{number} was answered."),
        to_leader("{number} 已直接答复，办结。", "{number} was answered at once and is closed."),
    ),
    "merged": (
        to_citizen(
            "{number} 与您以前反映的是同一件事，并在一起办理。两个编号都能查。",
            "{number} is the matter you raised before; both go on as one. Either number opens it.",
        ),
        to_unit("{number} 已并入同一诉求人的前一件。", "{number} was merged into the same citizen's earlier case."),
    ),
    "unmerged": (
        to_citizen("{number} 恢复单独办理。", "{number} goes on by itself again."),
        to_unit("{number} 恢复单独办理，期限照旧。", "{number} goes on by itself again, with its old terms."),
    ),
    "took_over": _ONLY_RECORDED,
    "gave_back": _ONLY_RECORDED,
    "grouped": _OUT_OF_SIGHT,  # `assigned` tells the lead, unless it has the case already
    # giving and taking back
    "assigned": (
        to_citizen(
            "{number} 已经受理，交给承办单位办理。",
            "{number} is accepted and given to the unit that handles it.",
            when=first_given,
        ),
        to_unit(
            "{number} 交给您单位办理。请尽快联系诉求人。",
            "{number} is given to your unit. Please speak with the citizen soon.",
        ),
        to_unit(
            "{number} 交办前领导已有批示，请按期回复。",
            "{number}: a leader gave an instruction before it came to you. Please answer it in time.",
            when=instructed_before,
        ),
        to_leader("{number} 已经交办。", "{number} was assigned.", when=first_given),
    ),
    "recalled": _OUT_OF_SIGHT,
    "return_requested": (
        to_office("{number} 承办单位申请退单，请审定。", "{number}: the unit asks to hand it back. Please decide."),
    ),
    "return_approved": _OUT_OF_SIGHT,
    "return_refused": (
        to_unit("{number} 不同意退单，请继续办理。", "{number} stays with your unit. Please go on with it."),
    ),
    "unit_joined": (
        to_unit("{number} 请您单位协办。", "{number}: your unit takes part.", units=named),
        to_unit(
            "{number} 增加了协办单位，等它反馈以后再报结果。",
            "{number}: another unit takes part. Report once it has.",
        ),
    ),
    "instructed": (
        to_unit(
            "{number} 领导有批示，请在 {answer_due} 前回复。",
            "{number}: a leader has given an instruction. Answer by {answer_due}.",
            units=named,
            when=due_said,
        ),
        to_unit(
            "{number} 领导有批示，请回复。",
            "{number}: a leader has given an instruction. Please answer.",
            units=named,
            when=no_due_said,
        ),
        to_office("{number} 领导有批示。", "{number}: a leader has given an instruction."),
    ),
    "instruction_answered": (
        to_leader("{number} 您的批示已经有了回复。", "{number}: your instruction was answered."),
    ),
    # handling
    "acknowledged": _ONLY_RECORDED,
    "contacted": _HEARD_IT,
    "contact_attempted": (
        to_citizen(
            "{number} 的承办单位没有联系上您，还会再联系，请留意来电。",
            "{number}: the unit could not reach you and will try again.",
        ),
    ),
    "extension_requested": (
        to_office("{number} 承办单位申请延期，请审定。", "{number}: the unit asks for more time. Please decide."),
    ),
    "extension_approved": (
        to_citizen(
            "{number} 经批准延期，{resolve_due} 前答复您。",
            "{number} was given more time: you have the answer by {resolve_due}.",
            must_reach=True,
        ),
        to_unit("{number} 同意延期到 {resolve_due}。", "{number} now has time until {resolve_due}."),
    ),
    "extension_refused": (to_unit("{number} 不同意延期。", "{number} is given no more time."),),
    "suspended": (
        to_citizen(
            "{number} 暂停办理到 {until}：{why}。到时自动恢复。",
            "{number} rests until {until}: {why}. It goes on by itself then.",
            must_reach=True,
        ),
        to_unit("{number} 已挂起，到 {until} 恢复计时。", "{number} is suspended; its terms run again from {until}."),
    ),
    "resumed": (
        to_citizen("{number} 已经恢复办理。", "{number} goes on."),
        to_unit("{number} 已恢复办理，继续计时。", "{number} goes on, and so do its terms."),
    ),
    "co_reported": (to_unit("{number} 协办单位已经反馈。", "{number}: the unit that takes part has reported."),),
    "reported": _IN_A_PILE,
    # closing
    "report_rejected": (
        to_unit(
            "{number} 的办理结果没有通过审核，请按原期限继续办理。",
            "{number}: the report was sent back. Please go on; the term is the old one.",
        ),
    ),
    "verified": (
        to_citizen(
            "{number} 已经办理，我们会回访您，请留意来电。",
            "{number} was dealt with. We will call to hear what you think.",
            when=waits_for_callback,
        ),
        to_citizen(
            "{number} 已经答复。不服的，可以在 {review_due} 前申请复查。",
            "{number} was answered. If you disagree you may ask for a review by {review_due}.",
            when=may_be_reviewed,
            must_reach=True,
        ),
        to_unit("{number} 的办理结果审核通过。", "{number}: the report was accepted."),
    ),
    "claim_refused": (
        to_unit(
            "{number} 剔除申请没有通过，请按原期限继续办理。",
            "{number} stays in your figures. Please go on; the term is the old one.",
        ),
    ),
    "claim_accepted": (
        to_citizen(
            "{number} 经审定办结：{reason}。不同意的，可以投诉办理。",
            "{number} is closed after a decision: {reason}. If you disagree you may complain about the handling.",
            must_reach=True,
        ),
        to_unit("{number} 剔除申请通过，已经办结。", "{number} is closed and left out of your figures."),
    ),
    "callback_attempted": (
        to_citizen("{number} 回访没有联系上您，还会再打。", "{number}: we called, and will call again."),
    ),
    "verdict_recorded": (
        to_leader("{number} 诉求人评价：{verdict}。", "{number}: the citizen says: {verdict}."),
        to_supervisor(
            "{number} 多次办理，诉求人仍不满意，请决定怎样办结。",
            "{number}: still not satisfied after the last reopening. Please decide how it ends.",
            when=given_up,
        ),
    ),
    "reopened": (
        to_citizen(
            "您不满意，{number} 已经重新办理（第 {cycle} 次）。",
            "You are not satisfied, so {number} is taken up again (round {cycle}).",
            when=by_verdict,
        ),
        to_unit(
            "{number} 诉求人不满意，请重新办理（第 {cycle} 次）。",
            "{number}: the citizen is not satisfied. Please take it up again (round {cycle}).",
            when=by_verdict,
        ),
        to_unit(
            "{number} 复查改变了结论，请重新办理（第 {cycle} 次）。",
            "{number}: the review changed the answer. Please take it up again (round {cycle}).",
            when=by_review,
        ),
    ),
    "closed": (
        to_citizen(*_CLOSED, when=closed_as(*_TALKED_OVER)),
        to_citizen(*_CLOSED, when=closed_as(*_TO_BE_TOLD), must_reach=True),
        to_unit("{number} 已经办结。", "{number} is closed.", when=closed_as(*_TALKED_OVER, *_TO_BE_TOLD)),
        to_leader("{number} 已经办结。", "{number} is closed."),
    ),
    "review_requested": (
        to_office("{number} 诉求人申请复查，请办理。", "{number}: the citizen asks for a review. Please decide."),
        to_unit("{number} 诉求人申请了复查。", "{number}: the citizen asked for a review."),
    ),
    "review_decided": (
        to_citizen("{number} 复查意见：{outcome}。", "{number}, the review: {outcome}.", must_reach=True),
        to_unit("{number} 复查意见：{outcome}。", "{number}, the review: {outcome}."),
    ),
    "withdrawn": (
        to_citizen(*_WITHDRAWN),
        to_unit(
            "{number} 诉求人已撤回，不用再办。", "{number} was withdrawn; nothing is left to do.", units=handling
        ),
        to_leader("{number} 诉求人已撤回。", "{number} was withdrawn by the citizen."),
    ),
    "archived": _ONLY_RECORDED,
    # supervising
    "escalated": _SAID_APART,
    "liaison_told": _SAID_APART,
    "duty_phone_told": _SAID_APART,
    "head_told": _SAID_APART,
    "recounted": _SAID_APART,
    "fault_proposed": (
        to_unit(
            "{number} 有人提出您单位办理不当，请在 {statement_due} 前说明。",
            "{number}: a fault of your unit is alleged. State your side by {statement_due}.",
            units=faulted,
        ),
    ),
    "fault_stated": (
        to_supervisor("{number} 单位已经说明，请审定。", "{number}: the unit has stated its side. Please decide."),
    ),
    "fault_confirmed": (
        to_unit("{number} 已认定您单位办理不当。", "{number}: a fault of your unit is confirmed.", units=faulted),
    ),
    "fault_cancelled": (
        to_unit("{number} 不认定您单位办理不当。", "{number}: no fault of your unit was found.", units=faulted),
    ),
    "interview_scheduled": (
        to_unit(
            "{number} 将约谈您单位，时间 {time}。",
            "{number}: your unit is called to an interview, {time}.",
            units=called,
        ),
    ),
    "interview_held": (
        to_unit(
            "{number} 已经约谈，请在 {rectify_by} 前整改到位。",
            "{number}: put it right by {rectify_by}.",
            units=interviewed,
        ),
    ),
    "rectified": (to_unit("{number} 整改到位。", "{number}: it was put right.", units=interviewed),),
    "discipline_informed": (
        # The citizen reads it on the tracking page: a message of the case its unit would read too.
        to_discipline("{number} 已移送，请查收。", "{number} was handed over. Please confirm that you have it."),
    ),
    "handed_to_discipline": (
        to_citizen(*_AT_DISCIPLINE, discreet=True),
        to_discipline("{number} 已移送，请查收。", "{number} was handed over. Please confirm that you have it."),
    ),
    "package_received": _ONLY_RECORDED,  # discipline's own: nobody else reads of it
    "result_recorded": _ONLY_RECORDED,
    "nuisance_marked": (to_citizen(*_NUISANCE, discreet=True),),
    "nuisance_upheld": (to_citizen(*_NUISANCE, discreet=True),),
    "nuisance_ended": (
        to_citizen(
            "关于您来电较多的处理已经撤销，{number} 照常办理。",
            "Your calls are no longer ended early; {number} goes on as ever.",
            discreet=True,
        ),
    ),
    "unit_moved": (
        to_unit(
            "{number} 因机构调整由您单位接续办理，期限不变。",
            "{number} has come over to your unit as units changed; its terms are as they were.",
            when=holder_changed,
        ),
        to_unit(
            "{number} 因机构调整由您单位接续协办。",
            "{number}: your unit takes part from now on, as units changed.",
            units=named,
            when=takes_part_instead,
        ),
        to_unit(
            "{number} 因机构调整，领导批示由您单位接续回复，期限不变。",
            "{number}: your unit is to answer a leader's instruction, as units changed; its term is as it was.",
            units=named,
            when=instructed_instead,
        ),
        to_unit(
            "{number} 因机构调整，有人提出的办理不当由您单位接续说明，期限不变。",
            "{number}: your unit is to state its side of an alleged fault, as units changed; its term is as it was.",
            units=named,
            when=faulted_instead,
        ),
    ),
    "unanswered_told": (
        to_office(
            "{number} 诉求人打承办人的电话，没有人接。",
            "{number}: the citizen called the handler, and nobody answered.",
        ),
        to_unit(
            "{number} 诉求人打承办人的电话，没有人接，请回电。",
            "{number}: the citizen called the handler, and nobody answered. Please call back.",
        ),
    ),
    "erasure_asked": (
        to_office(
            "{number} 诉求人要求删除姓名、电话和地址，请答复他。",
            "{number}: the citizen asks that name, phone and address be deleted. Please answer.",
        ),
    ),
    "handling_complained": (
        to_supervisor("{number} 诉求人投诉办理，请处理。", "{number}: the citizen complains about the handling."),
        to_unit(
            "{number} 诉求人对办理有投诉，已转督办人员。",
            "{number}: a complaint about the handling went to the supervisor.",
        ),
    ),
}

TELLS_CODE = frozenset(event for event, notices in NOTICES.items() if any("{code}" in one.zh for one in notices))


def texts(event: str, told: Told) -> Iterator[Telling]:
    """Yield what is said to whom because of an event. Raises KeyError for one that nobody has decided about."""
    for notice in NOTICES[event]:
        if notice.when(told):
            yield from telling(notice, told)
