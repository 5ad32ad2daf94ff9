"""The words of the field as pages say them; Chinese is the source, English comes from the catalog."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.rules.vocabulary import (
    Action,
    AttachmentKind,
    CallbackResult,
    Claim,
    ClosedAs,
    Complexity,
    ContactResult,
    Fault,
    Flag,
    Kind,
    Method,
    Outcome,
    ReturnCallResult,
    ReviewOutcome,
    Stage,
    Step,
    SuspendReason,
    Urgency,
    VerdictCode,
)

STAGES = {
    Stage.WAITING: _("待分拣"),
    Stage.RECEIVED: _("已登记"),
    Stage.PENDING_INFO: _("待补正"),
    Stage.ASSIGNED: _("已交办"),
    Stage.ACKNOWLEDGED: _("已签收"),
    Stage.CONTACTED: _("已沟通"),
    Stage.REPORTED: _("已反馈，待审核"),
    Stage.VERIFIED: _("审核通过"),
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
    Step.PENDING_INFO: _("补正"),
    Step.SUSPENSION: _("挂起"),
    Step.INSTRUCTION: _("回复批示"),
    Step.STATEMENT: _("陈述说明"),
    Step.RECTIFICATION: _("整改"),
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
    Step.PENDING_INFO: _("请诉求人补齐"),
    Step.SUSPENSION: _("恢复办理"),
    Step.INSTRUCTION: _("回复批示"),
    Step.STATEMENT: _("对认定的情形陈述说明"),
    Step.RECTIFICATION: _("整改到位"),
}
# What comes first where the clock that runs is somebody else's: a report has to be checked before anybody calls back.
NEXT_AT = {Stage.REPORTED: _("审核办理结果"), Stage.RETURN_REQUESTED: _("决定是否同意退单")}
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
    "liaison_told": _("没有签收，告知联络员"),
    "duty_phone_told": _("没有签收，告知值班电话"),
    "head_told": _("没有签收，告知单位负责人"),
    "recounted": _("期限重算"),
    "closed": _("销号"),
    "answered": _("直接答复"),
    "attached": _("附上文件"),
    "contact_received": _("来电，还没有分拣"),
    "case_opened": _("立件"),
    "case_opened_incomplete": _("立件，缺必填内容"),
    "sorted": _("不立件"),
    "return_call_missed": _("回电没有人接"),
    "called_back": _("已经回电，不立件"),
    "info_incomplete": _("补了一部分，还没有补齐"),
    "completed": _("补齐，开始办理"),
    "classified": _("分类"),
    "marked_urgent": _("定紧急程度"),
    "summarised": _("整理标题和内容"),
    "corrected": _("更正"),
    "noted": _("备注"),
    "declined": _("不予受理"),
    "incomplete_declined": _("到期没有补齐，不予受理"),
    "referred": _("转法定渠道"),
    "result_told": _("告知办理结果"),
    "merged": _("并入另一件"),
    "unmerged": _("撤销并单"),
    "took_over": _("另一件并了进来"),
    "gave_back": _("并进来的一件又分了出去"),
    "grouped": _("归并共性问题"),
    "code_reissued": _("补发查询码"),
    "post_moved": _("改到另一个职务"),
    "recalled": _("撤回交办"),
    "return_requested": _("申请退单"),
    "return_approved": _("同意退单"),
    "return_refused": _("不同意退单"),
    "unit_joined": _("增加协办单位"),
    "instructed": _("领导批示"),
    "contact_attempted": _("联系诉求人没有联系上"),
    "extension_requested": _("申请延期"),
    "extension_approved": _("同意延期"),
    "extension_refused": _("不同意延期"),
    "suspended": _("挂起"),
    "resumed": _("恢复办理"),
    "co_reported": _("协办单位反馈"),
    "instruction_answered": _("回复批示"),
    "claim_accepted": _("同意剔除，不计入"),
    "claim_refused": _("不同意剔除，继续办理"),
    "review_requested": _("申请复查复核"),
    "review_decided": _("作出复查复核决定"),
    "withdrawn": _("诉求人撤回"),
    "archived": _("归档"),
    "fault_proposed": _("提出认定情形"),
    "fault_stated": _("单位陈述说明"),
    "fault_confirmed": _("确认情形"),
    "fault_cancelled": _("容错，不认定"),
    "interview_scheduled": _("安排约谈"),
    "interview_held": _("已约谈"),
    "rectified": _("整改到位"),
    "package_received": _("纪检收到移送"),
    "result_recorded": _("查处结果"),
    "discipline_informed": _("移送纪检监察"),
    "handed_to_discipline": _("已转有权机关"),
    "handling_complained": _("诉求人投诉办理"),
    "unanswered_told": _("诉求人打电话没有人接"),
    "erasure_asked": _("诉求人要求删除个人信息"),
    "nuisance_marked": _("列为骚扰待核"),
    "nuisance_upheld": _("骚扰复核，维持"),
    "nuisance_ended": _("骚扰复核，撤销"),
    "unit_moved": _("机构调整，由承接单位办理"),
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
    "import_12345": _("热线转来"),
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
    "to_call": _("等着打电话"),
    "on_desk": _("还没有人看"),
    "sent": _("已发出"),
    "failed": _("没有送达"),
    "no_sender": _("没有发送渠道"),
    "shown": _("查询页上有"),
    "told": _("电话告知了"),
    "not_reached": _("打了电话，没有联系上"),
    "read": _("看过了"),
    "unread": _("一直没有人看"),
}
AUDIENCES = {
    "citizen": _("诉求人"),
    "unit": _("承办单位"),
    "leader": _("领导"),
    "office": _("公开电话办公室"),
    "supervisor": _("督办人员"),
    "discipline": _("纪检"),
}
# What the closers find: what is wrong, and what to do about it.
STUCK = {
    "no_clock": _("在办，却没有期限"),
    "no_holder": _("应当在单位手里，却没有单位"),
    "held_too_early": _("还没有交办，却已经在单位手里"),
    "abolished": _("在已撤销的单位手里"),
    "not_watched": _("到了时候，没有催办"),
    "queued": _("有消息一天没有发出"),
    "not_called": _("该打的电话三天没有打"),
    "not_read": _("承办单位七天没有看通知"),
}
REMEDIES = {
    "no_clock": _("请告诉系统管理员，这些件不会自己超期。"),
    "no_holder": _("请告诉系统管理员。"),
    "held_too_early": _("请告诉系统管理员。"),
    "abolished": _("请收回，交给接续的单位。"),
    "not_watched": _("请系统管理员看看定时处理有没有停。"),
    "queued": _("请系统管理员看看发送有没有停。"),
    "not_called": _("请到“电话告知”里打。"),
    "not_read": _("请打电话提醒承办单位。"),
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
# Further piles; these are shown only where something lies in them.
PILES = {
    "complete_info": _("待补正"),
    "approve_return": _("待定退单"),
    "resume": _("挂起中"),
    "late": _("超期，在别人手里"),
    "stuck": _("要看一看"),
    "approval": _("等您批准"),
    "nuisance": _("骚扰认定快到期，待复核"),
    "open": _("在办，先到期的在前"),
}
NORMAL_CHANNEL = {"yes": _("能"), "no": _("不能"), "unknown": _("说不清")}
# What a check of the rulebook found, by how much it matters.
SEVERITIES = {"error": _("要改"), "warning": _("留意"), "note": _("说明")}
COMPLEXITIES = {Complexity.SIMPLE: _("简单"), Complexity.COMPLEX: _("复杂，期限长一些")}
RETURN_CALL_RESULTS = {
    ReturnCallResult.REACHED: _("接通了"),
    ReturnCallResult.NO_ANSWER: _("没有人接"),
    ReturnCallResult.WRONG_NUMBER: _("号码不对"),
}
CONTACT_RESULTS = {
    ContactResult.NO_ANSWER: _("没有人接"),
    ContactResult.OFF: _("关机或停机"),
    ContactResult.WRONG_NUMBER: _("号码不对"),
    ContactResult.NOT_THE_PERSON: _("不是本人"),
    ContactResult.REFUSES: _("不愿意谈"),
}
SUSPEND_REASONS = {
    SuspendReason.COURT: _("等法院或仲裁的结果"),
    SuspendReason.SEASON: _("要等季节、天气"),
    SuspendReason.CITIZEN_ABSENT: _("诉求人暂时不在"),
    SuspendReason.THIRD_PARTY: _("要等第三方"),
}
CLAIMS = {
    Claim.OUT_OF_POWER: _("不在职权范围"),
    Claim.UNTRUE: _("反映的不属实"),
    Claim.UNREASONABLE: _("要求不合理"),
}
REVIEW_OUTCOMES = {ReviewOutcome.UPHELD: _("维持原答复"), ReviewOutcome.CHANGED: _("改变原答复，重新办理")}
FAULTS = {
    Fault.NO_ANSWER: _("不接电话"),
    Fault.PERFUNCTORY: _("应付了事"),
    Fault.BUCK_PASSING: _("推诿扯皮"),
    Fault.INACTION: _("不作为"),
    Fault.SLOW_ACTION: _("慢作为"),
    Fault.ARBITRARY_ACTION: _("乱作为"),
    Fault.LONG_UNRESOLVED: _("久拖不结"),
}
ATTACHMENTS = {
    AttachmentKind.MATTER: _("事情本身"),
    AttachmentKind.IDENTITY: _("身份"),
    AttachmentKind.PROOF_OF_CONTACT: _("联系的凭据"),
    AttachmentKind.PROOF_OF_HANDLING: _("办理的凭据"),
}
# Every closed list of which a form offers the words.
LISTS: Mapping[type[StrEnum], Mapping[Any, object]] = {
    Kind: KINDS,
    Complexity: COMPLEXITIES,
    Urgency: {**URGENCIES, Urgency.NORMAL: _("一般")},
    Method: METHODS,
    Outcome: OUTCOMES,
    CallbackResult: CALLBACK_RESULTS,
    VerdictCode: VERDICTS,
    ReturnCallResult: RETURN_CALL_RESULTS,
    ContactResult: CONTACT_RESULTS,
    SuspendReason: SUSPEND_REASONS,
    Claim: CLAIMS,
    ReviewOutcome: REVIEW_OUTCOMES,
    Fault: FAULTS,
    AttachmentKind: ATTACHMENTS,
}
