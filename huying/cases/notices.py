"""Who is told what because of which event: one table. Sending is the job `deliver`, deferred by name."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from huying.rules.state import CaseState


class Audience(StrEnum):
    CITIZEN = "citizen"
    UNIT = "unit"


Wording = Callable[[str, CaseState], str]

# An event without a row here is deliberately told to nobody.
NOTICES: dict[str, tuple[tuple[Audience, Wording], ...]] = {
    "assigned": ((Audience.UNIT, lambda number, _: f"{number} 交给您单位办理。请尽快联系诉求人。"),),
    "report_rejected": ((Audience.UNIT, lambda number, _: f"{number} 的办理结果没有通过审核，请按原期限继续办理。"),),
    "reopened": (
        (Audience.CITIZEN, lambda number, state: f"您不满意，{number} 已经重新办理（第 {state.cycle} 次）。"),
        (Audience.UNIT, lambda number, state: f"{number} 诉求人不满意，请重新办理（第 {state.cycle} 次）。"),
    ),
    "answered": ((Audience.CITIZEN, lambda number, _: f"{number} 已经答复您。"),),
    "closed": ((Audience.CITIZEN, lambda number, _: f"{number} 已经办结。凭编号和查询码可以看答复。"),),
}


def texts(event: str, number: str, state: CaseState) -> Iterator[tuple[Audience, str]]:
    for audience, wording in NOTICES.get(event, ()):
        yield audience, wording(number, state)


# Stands in a stored message for the query code, which is put in only when the message is sent: whoever reads the
# case must not be able to act with the citizen's code.
CODE = "{查询码}"


def receipt(number: str) -> str:
    """Return the receipt of a case: number and query code are all that it needs to be followed."""
    return f"您反映的事已经登记。编号 {number}，查询码 {CODE}。"
