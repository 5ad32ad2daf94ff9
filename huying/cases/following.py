"""New facts about a matter that has ended open a case of their own, linked to the old one."""

from collections.abc import Mapping, Sequence

from huying.rules.deciding import Refused
from huying.rules.ruleset import Ruleset
from huying.rules.stages import OPEN_STAGES
from huying.rules.vocabulary import RefusalCode, Stage

from .arrival import Intake, Register
from .draft import UNSTORABLE
from .models import Case
from .queries import visible_to


def followed(intakes: Sequence[Intake], into: Register) -> dict[str, Case]:
    """Return the cases that these intakes follow by their numbers, as far as their sender sees them."""
    told = {intake.follows for intake in intakes if intake.follows and not UNSTORABLE.search(intake.follows)}
    if not told:
        return {}
    return {case.number: case for case in visible_to(into.actor).filter(number__in=told).only("number", "stage")}


def cannot_follow(intake: Intake, earlier: Mapping[str, Case], rules: Ruleset) -> Refused | None:
    """Return why a contact can't open a case that follows the one it names; what still goes on is joined instead."""
    if intake.follows is None:
        return None
    if intake.follows not in earlier:
        return Refused(RefusalCode.NOT_FOUND, "follows")
    if earlier[intake.follows].stage in (*OPEN_STAGES, Stage.MERGED):
        return Refused(RefusalCode.WRONG_STATE, "follows")
    is_new = intake.joins is None and rules.rulebook.opens_case(intake.kind)
    return None if is_new else Refused(RefusalCode.FIELD_INVALID, "follows")
