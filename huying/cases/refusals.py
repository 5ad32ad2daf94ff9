"""Why something isn't done, in the words of whoever asked: a sentence for each refusal code that says what to do.

A page names the field besides, and both pages and API the clause of the rulebook where there is one.
"""

from django.utils.translation import gettext_lazy as _

from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import RefusalCode

REFUSALS = {
    RefusalCode.NOT_FOUND: _("没有这一件，或者它不归您看。请核对编号。"),
    RefusalCode.FORBIDDEN: _("这一步不由您办。请找承办单位或公开电话办公室。"),
    RefusalCode.CHANGED_MEANWHILE: _("您打开以后，这一件有了变化。请先看现在的情况，再决定。"),
    RefusalCode.WRONG_STATE: _("还没有办到这一步，或者这一步已经过了。请看现在可以做什么。"),
    RefusalCode.NOT_IN_RULEBOOK: _("本市的规则里没有这一步。请按现行规则办。"),
    RefusalCode.UNIT_IS_RESPONDENT: _("被反映的单位不能办自己的事。请另选单位。"),
    RefusalCode.LEVEL_LIMIT: _("已经交到规定的层级。再往下交，请先请示，并写明批准人。"),
    RefusalCode.CO_UNITS_PENDING: _("协办单位还没有都办完。请等他们反馈，或者取消协办。"),
    RefusalCode.CONTACT_REQUIRED: _("至少要有一次有效联系。请先联系诉求人并记下来。"),
    RefusalCode.RETURN_DESIGNATED: _("这一件是指定承办的，不能退。请直接办理。"),
    RefusalCode.RETURN_USED_UP: _("退单次数已经用完。请直接办理，或者请办公室协调。"),
    RefusalCode.RETURN_TOO_LATE: _("退单的期限已经过了。请直接办理，或者请办公室协调。"),
    RefusalCode.EXTENSION_TOO_LATE: _("申请延期要在期限以前。请尽快办理并答复。"),
    RefusalCode.EXTENSION_USED_UP: _("延期次数已经用完。请按现在的期限办理。"),
    RefusalCode.EXTENSION_OVER_LIMIT: _("延得太长。请把天数改到规定以内。"),
    RefusalCode.CITIZEN_NOT_INFORMED: _("请先告诉诉求人，再记下来。"),
    RefusalCode.NOT_A_CONSULTATION: _("只有咨询可以直接答复。请交办给承办单位。"),
    RefusalCode.ATTEMPT_TOO_SOON: _("离上一次回访太近。请隔够时间再试。"),
    RefusalCode.ATTEMPTS_NOT_EXHAUSTED: _("回访次数还不够，不能记为联系不上。请再试。"),
    RefusalCode.REOPEN_FIRST: _("这一件已经办结。请先重新办理。"),
    RefusalCode.SAME_PERSON: _("办理的人不能自己回访。请换一位同事来做。"),
    RefusalCode.VERDICT_NOT_ALLOWED: _("按本市规则现在不能这样评价。请另选，或者报办公室处理。"),
    RefusalCode.LEGITIMACY_REQUIRED: _("请先写明诉求是否合理。"),
    RefusalCode.REVIEW_TOO_LATE: _("申请复查复核的期限已经过了。"),
    RefusalCode.SLOT_TAKEN: _("这个时段已经有人约了。请另选时间。"),
    RefusalCode.IDENTITY_REUSED: _("这份登记已经交过，内容和这次不一样。请先看上一次登记的，再决定。"),
    RefusalCode.METHOD_NOT_ALLOWED: _("按本市规则，这种方式不算有效联系。请换一种方式联系。"),
    RefusalCode.HANDLER_NAME_REQUIRED: _("请写明办理责任人的姓名。"),
    RefusalCode.HANDLER_PHONE_REQUIRED: _("请写明办理责任人的电话，诉求人要找得到人。"),
    RefusalCode.REASON_REQUIRED: _("请写明理由。"),
    RefusalCode.BASIS_REQUIRED: _("请写明依据的规定。"),
    RefusalCode.APPROVAL_REQUIRED: _("这一步要另一位同事批准。请送批准。"),
    RefusalCode.PROOF_REQUIRED: _("要先附上证明：代录附单位签字的扫描件，申请剔除附办理证明。"),
    RefusalCode.INTERVIEW_INCOMPLETE: _("约谈记录还不全。请补全后再交。"),
    RefusalCode.FIELD_REQUIRED: _("这一项还没有填，请补上。"),
    RefusalCode.FIELD_INVALID: _("这一项填得不对，请核对后再交。"),
}


def sentence(refused: Refused) -> str:
    """Return the sentence in the language of the moment; the field is named beside it."""
    return str(REFUSALS[refused.code])
