"""The words in which the office speaks to a citizen: 您, and what happens to the citizen's matter."""

from django.utils.translation import gettext_lazy as _

from huying.rules.vocabulary import AnswerMode, Stage, StartEvent, Step

STAGES = {
    Stage.RECEIVED: _("已经登记，等着交给一个单位"),
    Stage.PENDING_INFO: _("还缺几样，补齐了就开始办"),
    Stage.ASSIGNED: _("已经交给单位"),
    Stage.ACKNOWLEDGED: _("单位已经接手"),
    Stage.CONTACTED: _("单位和您谈过了，正在办"),
    Stage.REPORTED: _("单位说办完了，公开电话办公室正在审核"),
    Stage.VERIFIED: _("有答复了，等着听您的意见"),
    Stage.CLOSED: _("办结了"),
    Stage.SUSPENDED: _("暂停办理"),
    Stage.RETURN_REQUESTED: _("单位说不归它办，公开电话办公室正在核定"),
    Stage.REFERRED: _("已经转到法定渠道"),
    Stage.DECLINED: _("不归这里办"),
    Stage.ANSWERED: _("已经答复您"),
    Stage.MERGED: _("和同一件事并在一起办"),
    Stage.WITHDRAWN: _("您已经撤回"),
    Stage.ARCHIVED: _("办结了，已经归档"),
}
STEPS = {
    Step.REGISTER: _("登记"),
    Step.ASSIGN: _("交给一个单位"),
    Step.ACKNOWLEDGE: _("单位接手"),
    Step.CONTACT: _("有人联系您"),
    Step.RETURN: _("核定归谁办"),
    Step.RESOLVE: _("答复您"),
    Step.CALLBACK: _("回访，听您的意见"),
    Step.RETURN_CALL: _("给您回电话"),
    Step.NOTIFY_ACCEPTANCE: _("告诉您受不受理"),
    Step.DISPATCH: _("马上转给单位"),
    Step.FEEDBACK: _("告诉您进展"),
    Step.REVIEW: _("复查"),
    Step.RE_REVIEW: _("复核"),
    Step.OFFICE: _("公开电话办公室处理"),
    Step.TOTAL: _("全部办完"),
}
DETAILS = {
    Step.ASSIGN: _("由公开电话办公室交办，只交给一个单位负责。"),
    Step.CONTACT: _("承办人和您谈这件事，并告诉您找谁。"),
    Step.RESOLVE: _("办成了怎么办成的，办不成为什么，都要说明。"),
    Step.CALLBACK: _("由承办单位以外的人问您满意不满意；不满意，重新办一次。"),
}
EVENTS = {
    "registered": _("登记"),
    "registered_incomplete": _("登记，还缺几样"),
    "assigned": _("交给单位"),
    "acknowledged": _("单位接手"),
    "contacted": _("和您谈过"),
    "reported": _("单位说办完了"),
    "report_rejected": _("审核没有通过，退回继续办"),
    "verified": _("审核通过，答复您"),
    "callback_attempted": _("回访，没有问到您"),
    "verdict_recorded": _("您的意见"),
    "reopened": _("重新办一次"),
    "answered": _("当场答复您"),
    "closed": _("办结"),
}
AFTER = {
    StartEvent.RECEIVED: _("收到后"),
    StartEvent.COMPLETED: _("补齐后"),
    StartEvent.ASSIGNED: _("交办后"),
    StartEvent.FIRST_ASSIGNED: _("交办后"),
    StartEvent.ACCEPTED: _("受理后"),
    StartEvent.REPORTED: _("单位办完后"),
    StartEvent.VERIFIED: _("审核后"),
    StartEvent.CLOSED: _("办结后"),
    StartEvent.REOPENED: _("重办后"),
}
COUNTED_FROM = {
    StartEvent.RECEIVED: _("收到后起算"),
    StartEvent.COMPLETED: _("补齐后起算"),
    StartEvent.ASSIGNED: _("交办后起算"),
    StartEvent.FIRST_ASSIGNED: _("交办后起算"),
    StartEvent.ACCEPTED: _("受理后起算"),
    StartEvent.REPORTED: _("办完后起算"),
    StartEvent.VERIFIED: _("审核后起算"),
    StartEvent.CLOSED: _("办结后起算"),
    StartEvent.REOPENED: _("重办后起算"),
}
ANSWERED_BY = {
    AnswerMode.IN_PERSON: _("本人接听"),
    AnswerMode.OPERATOR: _("话务员接听"),
    AnswerMode.SMS_ONLY: _("只收短信"),
    AnswerMode.SECRETARY: _("秘书接听"),
    AnswerMode.SESSION: _("定时接听"),
    AnswerMode.UNDECLARED: _("没有说明谁接"),
}
# What a rulebook may want to know of a requester, by its own word.
FIELDS = {
    "content": _("什么事"),
    "claim": _("什么事"),
    "contact_phone": _("您的电话"),
    "name": _("您的姓名"),
    "contact_name": _("联系人姓名"),
    "enterprise_name": _("企业名称"),
    "work_unit": _("工作单位"),
    "home_address": _("家庭住址"),
    "address": _("地址"),
    "id_number": _("身份证号"),
}
