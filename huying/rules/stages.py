"""Where the events of a case lead: what its ledger alone says of it, without its records."""

from collections.abc import Iterable

from .vocabulary import Stage

# Where a case still waits for somebody; in all other stages it has ended. A contact that waits is no case yet.
OPEN_STAGES = frozenset(
    {
        Stage.RECEIVED,
        Stage.PENDING_INFO,
        Stage.ASSIGNED,
        Stage.ACKNOWLEDGED,
        Stage.CONTACTED,
        Stage.REPORTED,
        Stage.VERIFIED,
        Stage.SUSPENDED,
        Stage.RETURN_REQUESTED,
    }
)
IN_UNITS_HANDS = frozenset({Stage.ASSIGNED, Stage.ACKNOWLEDGED, Stage.CONTACTED})

# Which stage an event leads to; `reopened` also begins the next cycle. What isn't here leaves the stage as it is.
STAGE_AFTER = {
    "registered": Stage.RECEIVED,
    "registered_incomplete": Stage.PENDING_INFO,
    "assigned": Stage.ASSIGNED,
    "acknowledged": Stage.ACKNOWLEDGED,
    "contacted": Stage.CONTACTED,
    "reported": Stage.REPORTED,
    "report_rejected": Stage.ASSIGNED,
    "verified": Stage.VERIFIED,
    "reopened": Stage.ASSIGNED,
    "closed": Stage.CLOSED,
    "answered": Stage.ANSWERED,
    "contact_received": Stage.WAITING,
    "case_opened": Stage.RECEIVED,
    "case_opened_incomplete": Stage.PENDING_INFO,
    "completed": Stage.RECEIVED,
    "declined": Stage.DECLINED,
    "incomplete_declined": Stage.DECLINED,
    "referred": Stage.REFERRED,
    "handed_to_discipline": Stage.REFERRED,
    "merged": Stage.MERGED,
    "recalled": Stage.RECEIVED,
    "return_requested": Stage.RETURN_REQUESTED,
    "return_approved": Stage.RECEIVED,
    "return_refused": Stage.ASSIGNED,
    "suspended": Stage.SUSPENDED,
    "claim_refused": Stage.ASSIGNED,
    "withdrawn": Stage.WITHDRAWN,
    "archived": Stage.ARCHIVED,
}


# What stops a case for a while, and what takes it up again in the stage in which it was.
_STOPS = {"suspended", "merged"}
_GOES_ON = {"resumed", "unmerged"}


def stage_after(events: Iterable[str]) -> tuple[Stage | None, int]:
    """Return the stage and the cycle to which a case's events lead: what the ledger says the case row must be."""
    stage: Stage | None = None
    before, cycle = stage, 1
    for event in events:
        if event in _STOPS:
            before = stage
        stage = before if event in _GOES_ON else STAGE_AFTER.get(event, stage)
        cycle += event == "reopened"
    return stage, cycle
