"""What the rates are called, and what each is of, in words: no figure is shown without."""

from django.utils.translation import gettext_lazy as _

from .rates import Base, Name

NAMES = {
    Name.CLOSED: _("办结率"),
    Name.ON_TIME: _("按期办结率"),
    Name.RESPONSE: _("按期联系率"),
    Name.ANSWER_KEPT: _("按期办结"),
    Name.CONTACT_KEPT: _("按期联系"),
    Name.RETURNED: _("退单率"),
    Name.REOPENED: _("重办率"),
    Name.SATISFIED: _("满意率"),
    Name.UNDERSTANDING: _("理解率"),
    Name.UNSATISFIED: _("不满意率"),
    Name.OTHER: _("其他办结"),
    Name.RESOLUTION: _("解决率"),
    Name.SATISFIED_OF_VALID: _("回访满意率"),
    Name.UNDERSTANDING_OF_VALID: _("回访理解率"),
    Name.UNSATISFIED_OF_VALID: _("回访不满意率"),
}
# Which cases of the base a rate counts.
COUNTS = {
    Name.CLOSED: _("已经办结"),
    Name.ON_TIME: _("最后一轮在办理期限以内反馈"),
    Name.RESPONSE: _("首轮在联系期限以内联系上诉求人"),
    Name.ANSWER_KEPT: _("到期以前办完、答复了"),
    Name.CONTACT_KEPT: _("到期以前联系上了诉求人"),
    Name.RETURNED: _("至少有一次退单获准"),
    Name.REOPENED: _("至少重办过一次"),
    Name.SATISFIED: _("以满意办结"),
    Name.UNDERSTANDING: _("以理解办结"),
    Name.UNSATISFIED: _("不满意，经批准办结"),
    Name.OTHER: _("没有以上三种评价：基本满意、联系不上、拒评、直接答复、无需评价或者撤回"),
    Name.RESOLUTION: _("最后一次反馈的结果是已办成"),
    Name.SATISFIED_OF_VALID: _("最后一次有效评价是满意"),
    Name.UNDERSTANDING_OF_VALID: _("最后一次有效评价是理解"),
    Name.UNSATISFIED_OF_VALID: _("最后一次有效评价是不满意"),
}
BASES = {
    Base.CASES: _("立件，不含不计入的"),
    Base.CLOSED: _("办结的件"),
    Base.CLOSED_WITH_TERM: _("有办理期限的办结件"),
    Base.ASSIGNED: _("交办过的件"),
    Base.ASSIGNED_WITH_TERM: _("交办过、有联系期限的件"),
    Base.CONTACT_DUE: _("联系期限已经到了的件，没联系的也在内"),
    Base.ANSWER_DUE: _("办理期限已经到了的件，没办完的也在内"),
    Base.VALID_CALLBACKS: _("回访有效的件：联系上了，也作了评价"),
    Base.CLOSED_OR_JUDGED: _("办结过或者评价过的件"),
}
