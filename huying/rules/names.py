"""What the words of a rulebook are called in Chinese and English where no page translates: charts and comparisons.

tests/repo/test_words.py holds them to what the pages say.
"""

from collections.abc import Iterable, Mapping

from .vocabulary import Action, Fault, Flag, Kind, Method, Step, Urgency, VerdictCode
from .words import Language

NAMES: Mapping[str, tuple[str, str]] = {
    Step.REGISTER: ("登记", "Registration"),
    Step.ASSIGN: ("交办", "Assignment"),
    Step.ACKNOWLEDGE: ("签收", "Acknowledgement"),
    Step.CONTACT: ("联系诉求人", "Contact the requester"),
    Step.RETURN: ("退单", "Return"),
    Step.RESOLVE: ("办理答复", "Handling and reply"),
    Step.CALLBACK: ("回访", "Callback"),
    Step.RETURN_CALL: ("回电", "Call back"),
    Step.NOTIFY_ACCEPTANCE: ("告知受理", "Notice of acceptance"),
    Step.DISPATCH: ("转出", "Dispatch"),
    Step.FEEDBACK: ("反馈进展", "Progress report"),
    Step.REVIEW: ("复查", "Review"),
    Step.RE_REVIEW: ("复核", "Second review"),
    Step.OFFICE: ("办公室处理", "Decision of the office"),
    VerdictCode.SATISFIED: ("满意", "Satisfied"),
    VerdictCode.BASICALLY_SATISFIED: ("基本满意", "Basically satisfied"),
    VerdictCode.UNDERSTANDING: ("理解", "Understanding"),
    VerdictCode.UNSATISFIED: ("不满意", "Unsatisfied"),
    VerdictCode.UNREACHABLE: ("联系不上", "Could not be reached"),
    VerdictCode.DECLINED: ("拒评", "Declined to say"),
    Urgency.CRITICAL: ("特急", "Critical"),
    Urgency.URGENT: ("紧急", "Urgent"),
    Action.REMIND: ("催办", "Reminder"),
    Action.SUPERVISE: ("督办", "Supervision"),
    Action.LISTED: ("挂牌督办", "Listed for supervision"),
    Action.INTERVIEW: ("约谈", "Interview"),
    Action.CIRCULAR: ("通报", "Circular"),
    Action.DISCIPLINE: ("移交纪检监察", "Referred to discipline"),
    Action.DAILY_REVIEW_AGENDA: ("列入每日会商", "On the agenda of the daily review"),
    Action.DISCIPLINE_SECRETARY_NOTICE: ("告知纪检监察组组长", "Discipline secretary notified"),
    Flag.CITIZEN_NOT_REACHED: ("没有联系上诉求人", "Requester not reached"),
    Flag.RECORDED_ON_BEHALF: ("代为登记", "Recorded on behalf"),
    Flag.INTERVIEW_PROPOSED: ("建议约谈", "Interview proposed"),
    Flag.REPEAT: ("重复反映", "Raised again"),
    Flag.NUISANCE_REVIEW: ("骚扰待核", "Nuisance to be reviewed"),
    Flag.HOLIDAY_BETWEEN: ("期限中有法定节假日", "Holiday within the term"),
    Flag.LEVEL_EXCEPTION: ("经批准超层级交办", "Past the level limit, approved"),
    Flag.CALL_BACK_DUE: ("待回电", "Call back due"),
    Flag.LEGACY_ISSUE: ("历史遗留问题", "Legacy issue"),
    Flag.OBSTRUCTION: ("办理受阻", "Obstruction"),
    Flag.HARDSHIP: ("急难愁盼", "Hardship"),
    Method.FACE_TO_FACE: ("当面", "Face to face"),
    Method.PHONE: ("电话", "Phone"),
    Method.VIDEO: ("视频", "Video"),
    Method.SMS: ("短信", "SMS"),
    Method.WECHAT: ("微信", "WeChat"),
    Method.EMAIL: ("邮件", "E-mail"),
    Method.LETTER: ("来信", "Letter"),
    Kind.UNSORTED: ("未分拣", "Not sorted yet"),
    Kind.VERIFICATION: ("核实号码", "Checking a number"),
    Kind.STANDBY: ("备着", "Number saved only"),
    Kind.MISSED: ("漏接", "Missed call"),
    Kind.SPAM: ("骚扰", "Nuisance"),
    Kind.FRAUD_REPORT: ("举报冒充", "Report of an impostor"),
    Kind.CONSULTATION: ("咨询", "Consultation"),
    Kind.PROBLEM: ("问题", "Problem"),
    Kind.HELP: ("求助", "Help request"),
    Kind.SUGGESTION: ("建议", "Suggestion"),
    Kind.COMPLAINT: ("投诉", "Complaint"),
    Kind.REPORT: ("举报", "Tip"),
    Kind.PRAISE: ("表扬", "Praise"),
    Kind.INVESTMENT_LEAD: ("投资意向", "Investment lead"),
}
CHANNEL_NAMES: Mapping[str, tuple[str, str]] = {
    "phone": ("来电", "Call"),
    "phone_mobile": ("来电", "Call"),
    "phone_office": ("来电", "Call"),
    "hotline": ("专线来电", "Hotline call"),
    "sms": ("短信", "SMS"),
    "wechat_personal": ("微信", "WeChat"),
    "email": ("邮件", "E-mail"),
    "letter": ("来信", "Letter"),
    "web": ("网页", "Web"),
    "counter": ("窗口", "Counter"),
    "appointment": ("预约见面", "Appointment"),
    "message_board": ("留言板", "Message board"),
    "import_12345": ("热线转来", "From the hotline"),
}
FIELD_NAMES: Mapping[str, tuple[str, str]] = {
    "content": ("什么事", "What it is about"),
    "claim": ("什么事", "What it is about"),
    "contact_phone": ("电话", "Phone"),
    "name": ("姓名", "Name"),
    "contact_name": ("企业联系人", "Contact at the company"),
    "enterprise_name": ("企业名称", "Company"),
    "work_unit": ("工作单位", "Employer"),
    "home_address": ("家庭住址", "Home address"),
    "address": ("地址", "Address"),
    "id_number": ("身份证号", "ID number"),
    "fact": ("事实经过", "What happened"),
    "post_called": ("打给谁", "Post called"),
    "handler_name": ("办理责任人", "Handler"),
    "handler_phone": ("责任人电话", "Handler’s phone"),
}
FAULT_NAMES: Mapping[str, tuple[str, str]] = {
    Fault.NO_ANSWER: ("不接电话", "Not answering calls"),
    Fault.PERFUNCTORY: ("应付了事", "Going through the motions"),
    Fault.BUCK_PASSING: ("推诿扯皮", "Passing the buck"),
    Fault.INACTION: ("不作为", "Inaction"),
    Fault.SLOW_ACTION: ("慢作为", "Slow action"),
    Fault.ARBITRARY_ACTION: ("乱作为", "Arbitrary action"),
    Fault.LONG_UNRESOLVED: ("久拖不结", "Long unresolved"),
}


def name(word: str, language: Language, among: Mapping[str, tuple[str, str]] = NAMES) -> str:
    """Return what a word is called; a city's own word, of which we know no name, stays as it is written."""
    zh, en = among.get(word, (word, word))
    return zh if language == "zh" else en


def listed(words: Iterable[str], language: Language, among: Mapping[str, tuple[str, str]] = NAMES) -> str:
    """Return the names of several words, each once: two telephones are both 「来电」."""
    names = dict.fromkeys(name(word, language, among) for word in words)
    return ("、" if language == "zh" else ", ").join(names)
