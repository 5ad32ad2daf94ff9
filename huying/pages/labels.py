"""The words of the field as pages say them; Chinese is the source, English comes from the catalog."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.rules.vocabulary import (
    Action,
    CallbackResult,
    ClosedAs,
    Flag,
    Kind,
    Method,
    Outcome,
    Stage,
    Step,
    Urgency,
    VerdictCode,
)

STAGES = {
    Stage.RECEIVED: _("已登记"),
    Stage.PENDING_INFO: _("待补正"),
    Stage.ASSIGNED: _("已交办"),
    Stage.ACKNOWLEDGED: _("已签收"),
    Stage.CONTACTED: _("已沟通"),
    Stage.REPORTED: _("已反馈，待审核"),
    Stage.VERIFIED: _("审核通过，待回访"),
    Stage.CLOSED: _("已销号"),
    Stage.SUSPENDED: _("已挂起"),
    Stage.RETURN_REQUESTED: _("申请退单"),
    Stage.REFERRED: _("已转法定渠道"),
    Stage.DECLINED: _("不予受理"),
    Stage.ANSWERED: _("已直接答复"),
    Stage.MERGED: _("已并单"),
    Stage.WITHDRAWN: _("已撤回"),
    Stage.ARCHIVED: _("已归档"),
}
STEPS = {
    Step.REGISTER: _("登记"),
    Step.ASSIGN: _("交办"),
    Step.ACKNOWLEDGE: _("签收"),
    Step.CONTACT: _("联系诉求人"),
    Step.RETURN: _("退单"),
    Step.RESOLVE: _("办理答复"),
    Step.CALLBACK: _("回访"),
    Step.RETURN_CALL: _("回电"),
    Step.NOTIFY_ACCEPTANCE: _("告知受理"),
    Step.DISPATCH: _("转出"),
    Step.FEEDBACK: _("反馈进展"),
    Step.REVIEW: _("复查"),
    Step.RE_REVIEW: _("复核"),
    Step.OFFICE: _("办公室处理"),
    Step.TOTAL: _("全程"),
}
# What to do before the term of a step ends; registering ends as assigning does, when somebody has the case.
NEXT = {
    Step.REGISTER: _("交办给承办单位"),
    Step.ASSIGN: _("交办给承办单位"),
    Step.ACKNOWLEDGE: _("签收并定下责任人"),
    Step.CONTACT: _("联系诉求人"),
    Step.RETURN: _("不归本单位的，申请退单"),
    Step.RESOLVE: _("答复诉求人"),
    Step.CALLBACK: _("回访诉求人"),
    Step.RETURN_CALL: _("给诉求人回电"),
    Step.NOTIFY_ACCEPTANCE: _("告诉诉求人是否受理"),
    Step.DISPATCH: _("转给承办单位"),
    Step.FEEDBACK: _("向办公室反馈进展"),
    Step.REVIEW: _("作出复查决定"),
    Step.RE_REVIEW: _("作出复核决定"),
    Step.OFFICE: _("等办公室处理"),
    Step.TOTAL: _("全部办完"),
}
# What comes first where the clock that runs is somebody else's: a report has to be checked before anybody calls back.
NEXT_AT = {Stage.REPORTED: _("审核办理结果")}
EVENTS = {
    "registered": _("登记"),
    "registered_incomplete": _("登记，缺必填内容"),
    "contact_joined": _("同一件事，又来了一次"),
    "assigned": _("交办"),
    "acknowledged": _("签收"),
    "contacted": _("联系诉求人"),
    "reported": _("反馈办理结果"),
    "report_rejected": _("审核没有通过"),
    "verified": _("审核通过"),
    "callback_attempted": _("回访没有结果"),
    "verdict_recorded": _("诉求人评价"),
    "reopened": _("重新办理"),
    "escalated": _("催办督办"),
    "recounted": _("期限重算"),
    "closed": _("销号"),
    "answered": _("直接答复"),
}
CHANNELS = {
    "phone": _("来电"),
    "phone_mobile": _("来电"),
    "phone_office": _("来电"),
    "hotline": _("专线来电"),
    "sms": _("短信"),
    "wechat_personal": _("微信"),
    "email": pgettext_lazy("channel", "邮件"),
    "letter": _("来信"),
    "web": _("网页"),
    "counter": _("窗口"),
    "appointment": _("预约见面"),
    "message_board": _("留言板"),
    "import_12345": _("12345 转来"),
}
URGENCIES = {Urgency.CRITICAL: _("特急"), Urgency.URGENT: _("紧急")}
METHODS = {
    Method.FACE_TO_FACE: _("当面"),
    Method.PHONE: _("电话"),
    Method.VIDEO: _("视频"),
    Method.SMS: _("短信"),
    Method.WECHAT: _("微信"),
    Method.EMAIL: pgettext_lazy("channel", "邮件"),
    Method.LETTER: _("来信"),
}
OUTCOMES = {
    Outcome.DONE: _("已办成"),
    Outcome.EXPLAINED_NOT_ELIGIBLE: _("不符合政策，已解释"),
    Outcome.EXPLAINED_OBJECTIVE: _("客观上办不到，已解释"),
    Outcome.REFERRED: _("已转有权单位"),
    Outcome.POLICY_SUGGESTED: _("已提政策建议"),
}
VERDICTS = {
    VerdictCode.SATISFIED: _("满意"),
    VerdictCode.BASICALLY_SATISFIED: _("基本满意"),
    VerdictCode.UNDERSTANDING: _("理解"),
    VerdictCode.UNSATISFIED: _("不满意"),
    VerdictCode.UNREACHABLE: _("联系不上"),
    VerdictCode.DECLINED: _("拒评"),
}
CALLBACK_RESULTS = {
    CallbackResult.NO_ANSWER: _("没有人接"),
    CallbackResult.REFUSED: _("不愿意评价"),
    CallbackResult.WRONG_PERSON: _("不是本人"),
}
ACTIONS = {
    Action.REMIND: _("催办"),
    Action.SUPERVISE: _("督办"),
    Action.LISTED: _("挂牌督办"),
    Action.INTERVIEW: _("约谈"),
    Action.CIRCULAR: _("通报"),
    Action.DISCIPLINE: _("移交纪检监察"),
    Action.DAILY_REVIEW_AGENDA: _("列入每日会商"),
    Action.DISCIPLINE_SECRETARY_NOTICE: _("告知纪检监察组组长"),
}
FLAGS = {
    Flag.CITIZEN_NOT_REACHED: _("没有联系上诉求人"),
    Flag.RECORDED_ON_BEHALF: _("代为登记"),
    Flag.INTERVIEW_PROPOSED: _("建议约谈"),
    Flag.REPEAT: _("重复反映"),
    Flag.NUISANCE_REVIEW: _("骚扰待核"),
    Flag.HOLIDAY_BETWEEN: _("期限中有法定节假日"),
    Flag.LEVEL_EXCEPTION: _("经批准超层级交办"),
    Flag.CALL_BACK_DUE: _("待回电"),
    Flag.LEGACY_ISSUE: _("历史遗留问题"),
    Flag.OBSTRUCTION: _("办理受阻"),
    Flag.HARDSHIP: _("急难愁盼"),
}
ENDS = {
    ClosedAs.SATISFIED: _("满意"),
    ClosedAs.BASICALLY_SATISFIED: _("基本满意"),
    ClosedAs.UNDERSTANDING: _("理解"),
    ClosedAs.UNSATISFIED: _("不满意"),
    ClosedAs.UNREACHABLE: _("联系不上"),
    ClosedAs.DECLINED_TO_SAY: _("拒评"),
    ClosedAs.ANSWERED: _("已直接答复"),
    ClosedAs.INCOMPLETE: _("没有补齐，不计入"),
    ClosedAs.NO_REVIEW: _("已答复，不回访"),
    ClosedAs.NOT_COUNTED: _("不计入"),
}
KINDS = {
    Kind.UNSORTED: _("未分拣"),
    Kind.VERIFICATION: _("核实号码"),
    Kind.STANDBY: _("备着"),
    Kind.MISSED: _("漏接"),
    Kind.SPAM: _("骚扰"),
    Kind.FRAUD_REPORT: _("举报冒充"),
    Kind.CONSULTATION: _("咨询"),
    Kind.PROBLEM: _("问题"),
    Kind.HELP: _("求助"),
    Kind.SUGGESTION: _("建议"),
    Kind.COMPLAINT: _("投诉"),
    Kind.REPORT: _("举报"),
    Kind.PRAISE: _("表扬"),
    Kind.INVESTMENT_LEAD: _("投资意向"),
}
# How each list is sorted, and what its last column says.
ORDERS = {
    "open": _("先后只看到期时间，与来电次数无关"),
    "overdue": _("先后只看到期时间，与来电次数无关"),
    "closed": _("最近办结的在前"),
    "all": _("最近收到的在前"),
}
MOMENTS = {"open": _("期限"), "overdue": _("期限"), "closed": _("办结时间"), "all": _("期限或办结时间")}
FILTERS = {"open": _("在办"), "overdue": _("超期"), "closed": _("办结"), "all": _("全部")}
DELIVERIES = {
    "queued": _("等待发送"),
    "sent": _("已发出"),
    "failed": _("没有送达"),
    "no_sender": _("没有发送渠道"),
}
AUDIENCES = {"citizen": _("诉求人"), "unit": _("承办单位")}
# What somebody can do to a case, as a button says it; and what is said when it is done.
COMMANDS = {
    "assign": pgettext_lazy("button", "交办"),
    "acknowledge": pgettext_lazy("button", "签收"),
    "record_contact": _("记一次联系"),
    "report": pgettext_lazy("button", "反馈办理结果"),
    "reject_report": _("退回重办"),
    "verify": pgettext_lazy("button", "审核通过"),
    "callback_attempt": _("记一次回访未成"),
    "record_verdict": _("记下评价"),
    "answer": pgettext_lazy("button", "直接答复"),
}
DONE = {
    "assign": _("已经交办。"),
    "acknowledge": _("已经签收。"),
    "record_contact": _("这次联系记下了。"),
    "report": _("办理结果已经反馈，等办公室审核。"),
    "reject_report": _("已经退回重办，原期限继续计时。"),
    "verify": _("审核通过了。"),
    "callback_attempt": _("这次回访记下了。"),
    "record_verdict": _("诉求人的评价记下了。"),
    "answer": _("已经答复，这一件办结。"),
}
# What waits, by the verb that comes next.
WAITING = {
    "assign": _("待交办"),
    "acknowledge": _("待签收"),
    "record_contact": _("待联系"),
    "report": _("待反馈"),
    "verify": _("待审核"),
    "record_verdict": _("待回访"),
}
PILES = {"late": _("超期，在别人手里"), "stuck": _("待补正"), "open": _("在办，先到期的在前")}
# The fields of forms; where the same one asks for different things, after the verb.
FIELDS = {
    "unit": _("交给哪个单位"),
    "exceed_approved_by": _("批准人"),
    "assign.reason": _("为什么还要往下交"),
    "handler": _("办理责任人"),
    "handler_phone": _("责任人电话"),
    "method": _("怎么联系的"),
    "record_contact.text": _("谈了什么"),
    "report.text": _("办了什么，结果怎样"),
    "outcome": _("办理结果"),
    "basis": _("依据"),
    "public_text": _("给诉求人看的话"),
    "reject_report.reason": _("为什么退回"),
    "result": _("为什么没有结果"),
    "verdict": _("诉求人怎么评价"),
    "record_verdict.reason": _("诉求人的原话"),
    "answer.text": _("答复的内容"),
    "channel": _("怎么来的"),
    "post": _("打给谁"),
    "contact_phone": _("对方电话"),
    "name": _("姓名"),
    "kind": _("是什么事"),
    "joins": _("同一件事已有的编号"),
    "complexity": _("简单还是复杂"),
    "content": _("说了什么"),
    "at": _("什么时候来的"),
    "confidential": _("保密件"),
    "address": _("地址"),
    "home_address": _("家庭住址"),
    "work_unit": _("工作单位"),
    "id_number": _("身份证号"),
    "enterprise_name": _("企业名称"),
    "contact_name": _("企业联系人"),
    "fact": _("事实经过"),
    "notice.text": _("通知全文"),
    "local.day": _("哪一天"),
    "local.state": _("怎么算"),
    "local.until": _("上班到几点"),
    "local.source": _("依据"),
    "reject_calendar.reason": _("为什么不同意"),
}
HINTS = {
    "kind": _("未分拣只记一次来电，不立件"),
    "joins": _("问清了是同一件事才填，例如 YC-2026-000123；并入那一件，期限不变"),
    "record_contact.handler_phone": _("就是告诉诉求人的那个号码"),
    "acknowledge.handler_phone": _("诉求人凭它找得到人，可以带分机"),
    "basis": _("法规、政策或规程的名称和条款"),
    "public_text": _("不填就给他看上面的内容"),
    "verdict": _("照诉求人说的选，不替他说"),
    "at": _("刚刚来的不用填；补录请填当时的时间"),
    "notice.text": _("从标题一直粘贴到末尾的日期，不用改格式"),
    "local.until": _("只上班到几点的才填；规则里一天到 24:00 为止的，期限不受影响"),
    "local.source": _("谁定的，哪个文件"),
    "content": _("照对方的话记；电话和身份证号会自动掩去"),
}
# What a check of the rulebook found, by how much it matters.
SEVERITIES = {"error": _("要改"), "warning": _("留意"), "note": _("说明")}
COMPLEXITIES = {"simple": _("简单"), "complex": _("复杂，期限长一些")}
