"""Where the events of a case lead: what its ledger alone says of it, without its records."""

from collections.abc import Iterable

from .vocabulary import Stage

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
}


def stage_after(events: Iterable[str]) -> tuple[Stage | None, int]:
    """Return the stage and the cycle to which a case's events lead: what the ledger says the case row must be."""
    stage, cycle = None, 1
    for event in events:
        stage = STAGE_AFTER.get(event, stage)
        cycle += event == "reopened"
    return stage, cycle
