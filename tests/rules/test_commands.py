"""Commands as data: the keys of the stories, which words are somebody's own, what counts as absent."""

import pytest

from huying.rules.commands import (
    VERBS,
    Assign,
    Command,
    CompleteInfo,
    Correct,
    DecideClaim,
    GiveAnswer,
    RequestExtension,
    ScheduleInterview,
    SubmitReport,
    approved,
    field_names,
    given,
    is_free,
)
from tests.rules.test_lifecycle import HOUSING


def test_every_verb_knows_the_keys_of_the_stories() -> None:
    assert {verb: field_names(command) for verb, command in VERBS.items() if field_names(command)} == {
        "open_case": ("kind", "complexity", "respondent", "respondent_post"),
        "not_a_case": ("kind",),
        "return_call": ("result", "kind", "text", "respondent", "respondent_post"),
        "complete_info": ("fields",),
        "classify": ("category", "complexity"),
        "mark_urgent": ("urgency", "legitimate_by"),
        "summarise": ("title", "summary"),
        "correct": ("field", "value", "reason"),
        "note": ("text",),
        "decline": ("reason", "route"),
        "refer": ("to", "reason"),
        "answer": ("text",),
        "merge": ("into",),
        "group": ("topic", "lead"),
        "assign": ("unit", "exceed_approved_by", "reason", "designate"),
        "recall": ("reason",),
        "request_return": ("reason", "suggested_unit"),
        "refuse_return": ("designate",),
        "join_unit": ("unit",),
        "instruct": ("text", "unit", "due", "post"),
        "acknowledge": ("handler", "handler_phone"),
        "record_contact": ("method", "handler", "handler_phone", "text"),
        "contact_attempt": ("result",),
        "request_extension": ("term", "reason", "citizen_informed"),
        "refuse_extension": ("reason",),
        "suspend": ("reason", "until"),
        "co_report": ("text", "unit"),
        "report": ("text", "outcome", "basis", "public_text", "claim"),
        "contact_on_behalf": ("method", "handler", "handler_phone", "text"),
        "report_on_behalf": ("text", "outcome", "basis", "public_text"),
        "answer_instruction": ("text", "unit"),
        "reject_report": ("reason",),
        "decide_claim": ("accepted", "reason", "approved_by"),
        "callback_attempt": ("result",),
        "record_verdict": ("verdict", "reason"),
        "close_unsatisfied": ("reason", "basis", "approved_by"),
        "request_review": ("reason",),
        "decide_review": ("outcome", "text"),
        "withdraw": ("reason",),
        "fault": ("code", "unit", "evidence"),
        "statement": ("text", "fault"),
        "confirm_fault": ("fault",),
        "cancel_fault": ("reason", "fault"),
        "schedule_interview": ("unit", "person", "time", "place", "cases", "reason"),
        "interview": ("person", "minutes", "rectify_by", "reason"),
        "receive_package": ("text",),
        "record_result": ("text",),
        "complain_handling": ("text",),
        "mark_nuisance": ("reason", "until", "approved_by"),
        "review_nuisance": ("outcome", "reason", "until", "approved_by"),
        "reissue_code": ("reason",),
    }


@pytest.mark.parametrize(
    ("command", "field", "free"),
    [
        (SubmitReport, "text", True),
        (SubmitReport, "outcome", False),
        (Correct, "field", False),
        (Correct, "value", True),
        (CompleteInfo, "fields", True),
        (RequestExtension, "term", False),
        (RequestExtension, "citizen_informed", False),
        (Assign, "unit", False),
        (ScheduleInterview, "cases", False),
        (ScheduleInterview, "time", False),
    ],
)
def test_somebodys_own_words_are_told_from_words_of_a_list(command: type[Command], field: str, free: bool) -> None:
    assert is_free(command, field) is free


@pytest.mark.parametrize(
    ("written", "read"), [(None, None), ("", None), (" \t\n", None), ("　", None), (" 已修好　", "已修好")]
)
def test_a_text_of_spaces_counts_as_absent(written: str | None, read: str | None) -> None:
    assert given(GiveAnswer(written), "text") == read


def test_what_is_no_text_is_taken_as_it_is() -> None:
    unit: object = given(Assign(HOUSING), "unit")
    assert unit == HOUSING


def test_another_approver_changes_nothing_else_of_a_command() -> None:
    asked = DecideClaim(reason="是法院的事", approved_by="裴照")
    assert approved(asked, "程肃") == DecideClaim(reason="是法院的事", approved_by="程肃")
    assert approved(asked, None).approved_by is None  # type: ignore[attr-defined]
