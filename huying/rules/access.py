"""Who may see and do what: the roles, and what each one reads. The SQL form is `cases.queries.visible_to`."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The role in which somebody signs in, or in which the system itself acts."""

    OFFICE = "office"
    UNIT = "unit"
    OPERATOR = "operator"
    LEADER = "leader"
    LIAISON = "liaison"
    SUPERVISOR = "supervisor"
    DISCIPLINE = "discipline"
    ADMIN = "admin"


READS_ALL_ORDINARY_CASES = frozenset({Role.OFFICE, Role.SUPERVISOR, Role.OPERATOR})


SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: an opaque id for the record (`user:7`, `system`), a role, and for a unit's people the unit.

    Below `people` an actor is nothing more, so that the record outlives the account.
    """

    id: str
    role: Role | None
    unit: int | None = None

    @classmethod
    def system(cls) -> "Actor":
        """Return the actor that replays history: what the file says happened, whoever did it."""
        return cls(SYSTEM, None)
