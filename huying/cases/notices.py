"""Who is told what because of which event: one table. Sending is the job `deliver`, deferred by name."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from huying.rules.lifecycle import IN_UNITS_HANDS
from huying.rules.state import CaseState
from huying.rules.vocabulary import Action


class Audience(StrEnum):
    CITIZEN = "citizen"
    UNIT = "unit"


# A wording that returns None has nothing to say to that audience about this case.
Wording = Callable[[str, CaseState], str | None]

# An event without a row here is deliberately told to nobody.
NOTICES: dict[str, tuple[tuple[Audience, Wording], ...]] = {
    "assigned": ((Audience.UNIT, lambda number, _: f"{number} 交给您单位办理。请尽快联系诉求人。"),),
    "report_rejected": ((Audience.UNIT, lambda number, _: f"{number} 的办理结果没有通过审核，请按原期限继续办理。"),),
    "reopened": (
        (Audience.CITIZEN, lambda number, state: f"您不满意，{number} 已经重新办理（第 {state.cycle} 次）。"),
        (Audience.UNIT, lambda number, state: f"{number} 诉求人不满意，请重新办理（第 {state.cycle} 次）。"),
    ),
    "escalated": ((Audience.UNIT, lambda number, state: _pressed(number, state)),),
    "answered": ((Audience.CITIZEN, lambda number, _: f"{number} 已经答复您。"),),
    "closed": ((Audience.CITIZEN, lambda number, _: f"{number} 已经办结。凭编号和查询码可以看答复。"),),
}


def texts(event: str, number: str, state: CaseState) -> Iterator[tuple[Audience, str]]:
    """Yield what is said to whom because of an event; nothing to a unit where none holds the case."""
    for audience, wording in NOTICES.get(event, ()):
        if (audience is not Audience.UNIT or state.unit is not None) and (said := wording(number, state)):
            yield audience, said


def _pressed(number: str, state: CaseState) -> str | None:
    """Press the unit only while the case is in its hands: a late callback is the office's own."""
    if state.stage not in IN_UNITS_HANDS:
        return None
    match state.actions[-1:]:
        case (Action.SUPERVISE,):
            return f"{number} 超期未办，已列入督办。请马上办理并说明原因。"
        case _:
            return f"{number} 已经超期，请马上办理。"


# Stands in a stored message for the query code, which is put in only when the message is sent: whoever reads the
# case must not be able to act with the citizen's code.
CODE = "{查询码}"


def receipt(number: str) -> str:
    """Return the receipt of a case: number and query code are all that it needs to be followed."""
    return f"您反映的事已经登记。编号 {number}，查询码 {CODE}。"
