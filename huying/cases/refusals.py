"""What a refusal says to whoever was refused: one sentence per code that tells what is wrong and what to do."""

from django.utils.translation import gettext_lazy as _

from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import RefusalCode

REFUSALS = {
    RefusalCode.NOT_FOUND: _("找不到这件诉求，或者它不归您看。请核对编号。"),
    RefusalCode.FORBIDDEN: _("您的身份不能做这一步。请交给有权限的人办理。"),
    RefusalCode.WRONG_STATE: _("这件诉求现在的阶段不能做这一步。请看它最新的进展，再决定怎么办。"),
    RefusalCode.NOT_IN_RULEBOOK: _("本地规则没有这一步。请按规则里有的步骤办理。"),
    RefusalCode.UNIT_IS_RESPONDENT: _("不能交给被反映的单位或者它的下属单位。请另选单位。"),
    RefusalCode.LEVEL_LIMIT: _("交办层级已到上限。要再往下交，请写明批准人和理由。"),
    RefusalCode.CO_UNITS_PENDING: _("还有协办单位没有反馈。请等它们反馈后再提交。"),
    RefusalCode.CONTACT_REQUIRED: _("本轮还没有联系过诉求人。请先联系诉求人并登记，再反馈结果。"),
    RefusalCode.RETURN_DESIGNATED: _("这件诉求已指定由您单位办理，不能退。请办理，或者请办公室改派。"),
    RefusalCode.RETURN_USED_UP: _("退单次数已用完。请办理，或者请办公室裁定。"),
    RefusalCode.RETURN_TOO_LATE: _("退单期限已过。请办理，或者请办公室裁定。"),
    RefusalCode.EXTENSION_TOO_LATE: _("申请延期要在期限届满之前。请尽快办理并答复。"),
    RefusalCode.EXTENSION_USED_UP: _("延期次数已用完。请在现有期限内办理。"),
    RefusalCode.EXTENSION_OVER_LIMIT: _("延期时间超过规则上限。请缩短后再申请。"),
    RefusalCode.CITIZEN_NOT_INFORMED: _("申请延期要先告知诉求人。请先告知，再申请。"),
    RefusalCode.NOT_A_CONSULTATION: _("只有咨询可以直接答复。请交办给承办单位。"),
    RefusalCode.ATTEMPT_TOO_SOON: _("离上次联系太近。请隔够规定的时间再试。"),
    RefusalCode.ATTEMPTS_NOT_EXHAUSTED: _("回访次数还不够，不能记为联系不上。请继续回访。"),
    RefusalCode.REOPEN_FIRST: _("这件诉求已经结束。请先重新办理，再做这一步。"),
    RefusalCode.SAME_PERSON: _("这一步要由另一个人来做。请交给没有经手的人。"),
    RefusalCode.VERDICT_NOT_ALLOWED: _("这个评价现在不能记。请按规则里允许的评价登记。"),
    RefusalCode.LEGITIMACY_REQUIRED: _("要写明依据谁的决定。请补填后再提交。"),
    RefusalCode.REVIEW_TOO_LATE: _("申请复查的期限已过。请告知诉求人其他途径。"),
    RefusalCode.SLOT_TAKEN: _("这个时间已经被占用。请另选时间。"),
    RefusalCode.IDENTITY_REUSED: _("这个编号已经用过，内容不一样。请换一个编号，或者发送原来的内容。"),
    RefusalCode.METHOD_NOT_ALLOWED: _("这种联系方式不算数。请按规则里允许的方式联系诉求人。"),
    RefusalCode.HANDLER_NAME_REQUIRED: _("没有写办理责任人。请填写姓名。"),
    RefusalCode.HANDLER_PHONE_REQUIRED: _("没有写办理责任人的电话。请填写电话。"),
    RefusalCode.REASON_REQUIRED: _("没有写理由。请写明理由。"),
    RefusalCode.BASIS_REQUIRED: _("没有写依据。请写明政策或者法律依据。"),
    RefusalCode.APPROVAL_REQUIRED: _("没有写批准人。请写明由谁批准。"),
    RefusalCode.INTERVIEW_INCOMPLETE: _("约谈记录不全。请写明约谈人、记录和整改期限。"),
    RefusalCode.FIELD_REQUIRED: _("有一项必填内容没有填。请补填后再提交。"),
    RefusalCode.FIELD_INVALID: _("有一项内容填得不对。请核对后改正。"),
}


def sentence(refused: Refused) -> str:
    """Return the sentence in the language of the moment; the field is named beside it."""
    return str(REFUSALS[refused.code])
