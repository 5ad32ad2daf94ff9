"""办结销号: claims, verdicts after the end, follow-up visits, reviews. Every date was counted by hand."""

from dataclasses import replace

import pytest

from huying.rules.access import Actor
from huying.rules.commands import (
    Acknowledge,
    Archive,
    Assign,
    Attach,
    CallbackAttempt,
    CloseUnsatisfied,
    Command,
    DecideClaim,
    DecideReview,
    RecordContact,
    RecordVerdict,
    RequestReview,
    Verify,
    Withdraw,
)
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Action, ClosedAs, Flag, RefusalCode, Stage, Step, VerdictCode
from tests.rules.test_lifecycle import (
    CITIZEN,
    HOLDER,
    HOUSING,
    NO_ANSWER,
    OFFICE,
    OPERATOR,
    REPORT,
    SPOKEN,
    SUPERVISOR,
    Story,
    assigned,
    at,
    contacted,
    received,
    reported,
    rules_with,
    unsatisfied_three_times,
    verified,
)

R = RefusalCode
UNSATISFIED, SATISFIED = RecordVerdict("unsatisfied"), RecordVerdict("satisfied")
LEAVES = DecideClaim(accepted=True, reason="不在职权内", approved_by="周明")
GIVEN_UP = CloseUnsatisfied("已尽力", "办理规程第八条", "周明")


# --- claims


def claimed() -> Story:
    proof = Attach("proof_of_handling", "现场.jpg", "a1", 2048, "b2")
    story = contacted().then("Mon 03-16 15:00", HOLDER, proof)
    return story.then("Mon 03-16 16:00", HOLDER, replace(REPORT, claim="untrue"))


def test_a_claim_that_is_accepted_closes_the_case_without_asking_anybody() -> None:
    story = claimed().then("Tue 03-17 10:00", OFFICE, LEAVES)
    assert (story.state.stage, story.state.closed_as, story.state.claim) == ("closed", ClosedAs.NOT_COUNTED, None)
    assert story.events[-2:] == ["claim_accepted", "closed"]
    assert story.state.running == ()
    assert story.on_time(Step.OFFICE, "Tue 03-17 10:00") is True
    assert story.by("Tue 03-31 00:00").state.actions == ()


def test_a_claim_that_is_refused_goes_back_like_a_report_that_is_rejected() -> None:
    story = claimed().then("Tue 03-17 10:00", OFFICE, replace(LEAVES, accepted=False))
    assert (story.state.stage, story.state.cycle, story.state.claim) == (Stage.ASSIGNED, 1, None)
    assert (story.due(Step.RESOLVE), story.clock(Step.RESOLVE).is_running) == (at("Tue 03-17 24:00"), True)
    assert story.state.clock(Step.CALLBACK) is None
    assert story.then("Tue 03-17 11:00", HOLDER, REPORT).state.stage is Stage.REPORTED


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (replace(LEAVES, accepted=None), Refused(R.FIELD_REQUIRED, "accepted")),
        (replace(LEAVES, reason=None), Refused(R.REASON_REQUIRED, "reason")),
        (replace(LEAVES, approved_by=None), Refused(R.APPROVAL_REQUIRED, "approved_by")),
        (replace(LEAVES, approved_by="user:1"), Refused(R.SAME_PERSON, "approved_by")),
        (replace(LEAVES, approved_by="1"), Refused(R.SAME_PERSON, "approved_by")),
        (replace(LEAVES, approved_by="陈默"), Refused(R.SAME_PERSON, "approved_by")),
    ],
)
def test_a_second_person_approves_of_what_leaves_the_rates(command: Command, refused: Refused) -> None:
    assert claimed().refusal("Tue 03-17 10:00", replace(OFFICE, name="陈默"), command) == refused


def test_without_a_claim_there_is_nothing_to_decide() -> None:
    assert reported().refusal("Tue 03-17 10:00", OFFICE, LEAVES) == Refused(R.WRONG_STATE)


# --- verdicts


def test_s30_twice_unsatisfied_is_supervised_and_three_times_proposes_an_interview() -> None:
    story = unsatisfied_three_times()
    assert story.state.actions == (Action.SUPERVISE,)
    assert Flag.INTERVIEW_PROPOSED in story.state.flags
    assert story.state.unsatisfied == 3


def test_s30_after_the_last_reopening_a_supervisor_closes_it_as_what_it_is() -> None:
    story = unsatisfied_three_times().then("Fri 04-03 10:00", SUPERVISOR, GIVEN_UP)
    assert (story.state.stage, story.state.closed_as, story.state.verdict) == (
        Stage.CLOSED,
        ClosedAs.UNSATISFIED,
        VerdictCode.UNSATISFIED,
    )
    assert story.state.running == ()


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (replace(GIVEN_UP, reason=" "), Refused(R.REASON_REQUIRED, "reason")),
        (replace(GIVEN_UP, basis=None), Refused(R.BASIS_REQUIRED, "basis")),
        (replace(GIVEN_UP, approved_by=None), Refused(R.APPROVAL_REQUIRED, "approved_by")),
        (replace(GIVEN_UP, approved_by="user:7"), Refused(R.SAME_PERSON, "approved_by")),
    ],
)
def test_closing_on_unsatisfied_needs_reason_basis_and_approval(command: Command, refused: Refused) -> None:
    assert unsatisfied_three_times().refusal("Fri 04-03 10:00", SUPERVISOR, command) == refused


def test_as_long_as_it_may_be_reopened_it_is_not_closed_on_unsatisfied() -> None:
    refused = verified().refusal("Wed 03-18 10:00", SUPERVISOR, GIVEN_UP)
    assert refused == Refused(R.REOPEN_FIRST, None, "verdicts.max_reopen")
    henan = verified("henan-xinfang").refusal("Wed 03-18 10:00", SUPERVISOR, GIVEN_UP)
    assert henan == Refused(R.NOT_IN_RULEBOOK, None, "verdicts")


# --- follow-up visits (Feng)


def visited() -> Story:
    return verified("fengxian").then("Wed 03-18 10:00", OFFICE, SATISFIED)


def test_feng_visits_twice_every_thirty_days_after_the_verdict_closed_the_case() -> None:
    story = visited()
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.SATISFIED)
    assert story.due(Step.CALLBACK) == at("Fri 04-17 24:00")

    story.then("Thu 04-16 10:00", OPERATOR, SATISFIED)
    first, second = [clock for clock in story.state.clocks if clock.step is Step.CALLBACK]
    assert (first.done_at, second.due_at) == (at("Thu 04-16 10:00"), at("Mon 05-18 24:00"))  # from Sat 05-16
    assert (story.state.stage, story.state.visits) == (Stage.CLOSED, 1)

    story.then("Mon 05-18 10:00", OFFICE, SATISFIED)
    assert (story.state.visits, story.state.running) == (2, ())
    assert story.refusal("Tue 05-19 10:00", OFFICE, SATISFIED).code is R.WRONG_STATE
    assert story.refusal("Tue 05-19 10:00", OFFICE, NO_ANSWER).code is R.WRONG_STATE
    assert story.state.ended_at == at("Wed 03-18 10:00")


def test_who_is_unsatisfied_at_a_visit_has_the_case_reopened() -> None:
    story = visited().then("Thu 04-16 10:00", OFFICE, UNSATISFIED)
    assert (story.state.stage, story.state.cycle, story.state.closed_as) == (Stage.ASSIGNED, 2, None)
    assert story.state.clock(Step.CALLBACK) is None
    story.then("Fri 04-17 10:00", HOLDER, SPOKEN).then("Fri 04-17 11:00", HOLDER, REPORT)
    story.then("Fri 04-17 12:00", OFFICE, Verify()).then("Fri 04-17 13:00", OFFICE, SATISFIED)
    assert (story.due(Step.CALLBACK), story.state.visits) == (at("Mon 05-18 24:00"), 0)  # from Sun 05-17


def test_an_unsatisfied_visit_at_the_maximum_leaves_the_case_closed() -> None:
    story = verified(rules_with({"verdicts": {"max_reopen": 0}}, "fengxian"))
    story.then("Wed 03-18 10:00", OFFICE, SATISFIED).then("Thu 04-16 10:00", OFFICE, UNSATISFIED)
    assert (story.state.stage, story.state.closed_as, story.state.visits) == (Stage.CLOSED, ClosedAs.SATISFIED, 1)


def test_nobody_is_unreachable_at_a_visit_before_three_tries_of_that_visit() -> None:
    story = visited()
    for hour in ("Mon 04-13 09:00", "Mon 04-13 13:00"):
        story.then(hour, OFFICE, NO_ANSWER)
    too_few = story.refusal("Mon 04-13 14:00", OFFICE, RecordVerdict("unreachable"))
    assert too_few.code is R.ATTEMPTS_NOT_EXHAUSTED
    story.then("Mon 04-13 17:00", OFFICE, CallbackAttempt("refused")).then(
        "Mon 04-13 17:01", OFFICE, RecordVerdict("unreachable")
    )
    assert (story.state.closed_as, story.state.callback_attempts) == (ClosedAs.SATISFIED, ())


# --- reviews (Henan)


def told() -> Story:
    """A petition in Henan whose opinion was given on Thu 2 July: a review may be asked for until Mon 3 August."""
    story = received("Wed 06-17 10:00", "henan-xinfang").then("Thu 06-18 10:00", OFFICE, Assign(HOUSING))
    story.then("Wed 07-01 10:00", HOLDER, REPORT)
    return story.then("Thu 07-02 10:00", OFFICE, Verify())


def test_a_case_closes_as_without_review_when_the_window_has_passed() -> None:
    story = told()
    assert story.due(Step.REVIEW) == at("Mon 08-03 24:00")  # from Sat 08-01
    assert Step.OFFICE not in story.state.running
    assert story.by("Mon 08-03 23:59:59").state.stage is Stage.VERIFIED
    story.by("Mon 08-03 24:00")
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.NO_REVIEW)
    assert (story.state.ended_at, story.state.running) == (at("Mon 08-03 24:00"), ())
    late = story.refusal("Tue 08-04 09:00", CITIZEN, RequestReview("不服"))
    assert late == Refused(R.REVIEW_TOO_LATE, None, "step.review.window")


def test_nobody_is_late_because_nobody_asked_for_a_review() -> None:
    ladder = [{"on": "review_overdue", "action": "supervise"}]
    story = told()
    story.rules = rules_with({"ladder": ladder}, "henan-xinfang")
    assert story.state.next_due is None
    assert story.by("Mon 08-31 00:00").state.actions == ()
    asked = told()
    asked.rules = story.rules
    asked.then("Mon 07-06 10:00", CITIZEN, RequestReview("不服")).by("Wed 08-05 24:00")
    assert (asked.due(Step.REVIEW), asked.state.actions) == (at("Wed 08-05 24:00"), (Action.SUPERVISE,))


def test_a_review_that_was_asked_for_in_time_stops_the_closing() -> None:
    story = told().then("Mon 08-03 23:59:59", CITIZEN, RequestReview("不服"))
    assert (story.state.review, story.due(Step.REVIEW)) == (Step.REVIEW, at("Wed 09-02 24:00"))
    window = next(clock for clock in story.state.clocks if clock.step is Step.REVIEW)
    assert window.done_at == at("Mon 08-03 23:59:59")
    assert story.by("Thu 09-10 00:00").state.stage is Stage.VERIFIED
    assert story.refusal("Thu 09-10 00:00", CITIZEN, RequestReview("还是不服")).code is R.WRONG_STATE


def test_what_was_upheld_may_be_reviewed_once_more_and_then_it_closes() -> None:
    story = told().then("Mon 07-06 10:00", CITIZEN, RequestReview("不服"))
    story.then("Mon 07-20 10:00", OFFICE, DecideReview("upheld", "维持"))
    assert (story.state.stage, story.state.review) == (Stage.VERIFIED, None)
    assert story.due(Step.RE_REVIEW) == at("Wed 08-19 24:00")
    story.then("Mon 08-10 10:00", CITIZEN, RequestReview("仍不服"))
    assert (story.state.review, story.due(Step.RE_REVIEW)) == (Step.RE_REVIEW, at("Wed 09-09 24:00"))
    story.then("Tue 09-01 10:00", OFFICE, DecideReview("upheld", "维持"))
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.NO_REVIEW)


def test_the_window_of_the_re_review_ends_like_the_first() -> None:
    story = told().then("Mon 07-06 10:00", CITIZEN, RequestReview("不服"))
    story.then("Mon 07-20 10:00", OFFICE, DecideReview("upheld", "维持")).by("Wed 08-19 24:00")
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.NO_REVIEW)
    assert story.refusal("Thu 08-20 09:00", CITIZEN, RequestReview("仍不服")).code is R.REVIEW_TOO_LATE


def test_a_review_is_final_where_the_rulebook_has_no_other() -> None:
    review = {"step": {"review": {"window": "30 calendar_days", "due": "30 calendar_days"}}}
    story = reported(rules_with(review, "message-board")).then("Mon 03-16 17:00", OFFICE, Verify())
    story.then("Tue 03-17 10:00", OFFICE, RequestReview("不服"))
    assert story.then("Wed 03-18 10:00", OFFICE, DecideReview("upheld", "维持")).state.stage is Stage.CLOSED


def test_what_was_changed_is_handled_again_with_a_term_of_its_own() -> None:
    story = told().then("Mon 07-06 10:00", CITIZEN, RequestReview("不服"))
    story.then("Mon 07-20 10:00", OFFICE, DecideReview("changed", "重新办理"))
    assert (story.state.stage, story.state.cycle, story.state.unit) == (Stage.ASSIGNED, 2, HOUSING)
    assert story.dues == {Step.RESOLVE: at("Fri 09-18 24:00"), Step.RETURN: at("Mon 07-27 24:00")}
    story.then("Tue 07-21 10:00", HOLDER, RecordContact("phone")).then("Wed 07-22 10:00", HOLDER, REPORT)
    assert story.then("Thu 07-23 10:00", OFFICE, Verify()).due(Step.REVIEW) == at("Mon 08-24 24:00")  # from Sat 08-22


def test_with_a_callback_beside_it_a_window_closes_nothing() -> None:
    review = {"step": {"review": {"window": "2 calendar_days", "due": "30 calendar_days"}}}
    story = verified(rules_with(review)).by("Tue 03-31 00:00")
    assert story.state.stage is Stage.VERIFIED


BOTH = {"step": {"review": {"window": "30 calendar_days", "due": "30 calendar_days"}}}


def test_while_a_review_is_pending_no_verdict_closes_and_then_the_case_closes_as_was_said() -> None:
    story = verified(rules_with(BOTH)).then("Tue 03-17 10:00", CITIZEN, RequestReview("不服"))
    story.then("Wed 03-18 10:00", OFFICE, RecordVerdict("satisfied"))
    assert (story.state.stage, story.state.verdict, story.state.review) == (Stage.VERIFIED, "satisfied", Step.REVIEW)
    changed = replace(story, state=story.state).then("Thu 03-19 10:00", OFFICE, DecideReview("changed", "重新办理"))
    assert (changed.state.stage, changed.state.cycle) == (Stage.ASSIGNED, 2)
    story.then("Thu 03-19 10:00", OFFICE, DecideReview("upheld", "维持"))
    assert (story.state.stage, story.state.closed_as) == (Stage.CLOSED, ClosedAs.SATISFIED)


def given_up() -> Story:
    """Return a case that was unsatisfactory once too often while its review may still be asked for."""
    under = rules_with({**BOTH, "verdicts": {"max_reopen": 0}})
    return verified(under).then("Wed 03-18 10:00", OFFICE, RecordVerdict("unsatisfied"))


def test_a_window_in_which_nobody_asks_is_no_term_for_a_case_that_waits_for_a_supervisor() -> None:
    story = given_up()
    assert story.state.runs(Step.REVIEW)
    assert story.due(Step.OFFICE) == at("Mon 03-23 24:00")
    story.then("Thu 03-19 10:00", CITIZEN, RequestReview("不服"))
    assert not story.state.runs(Step.OFFICE)


def test_nor_does_a_supervisor_close_what_is_under_review() -> None:
    story = given_up().then("Thu 03-19 10:00", CITIZEN, RequestReview("不服"))
    assert story.refusal("Thu 03-19 11:00", SUPERVISOR, GIVEN_UP) == Refused(R.WRONG_STATE)
    assert given_up().then("Thu 03-19 11:00", SUPERVISOR, GIVEN_UP).state.closed_as is ClosedAs.UNSATISFIED


@pytest.mark.parametrize(
    ("command", "refused"),
    [
        (DecideReview("upheld"), Refused(R.FIELD_REQUIRED, "text")),
        (DecideReview(None, "维持"), Refused(R.FIELD_REQUIRED, "outcome")),
        (DecideReview("维持", "维持"), Refused(R.FIELD_INVALID, "outcome")),
    ],
)
def test_a_decision_on_a_review_says_which_and_why(command: Command, refused: Refused) -> None:
    story = told().then("Mon 07-06 10:00", CITIZEN, RequestReview("不服"))
    assert story.refusal("Mon 07-20 10:00", OFFICE, command) == refused


def test_only_what_was_asked_for_is_decided_and_asking_needs_a_reason() -> None:
    assert told().refusal("Mon 07-06 10:00", OFFICE, DecideReview("upheld", "维持")) == Refused(R.WRONG_STATE)
    assert told().refusal("Mon 07-06 10:00", CITIZEN, RequestReview()) == Refused(R.REASON_REQUIRED, "reason")


@pytest.mark.parametrize(
    ("actor", "command"), [(CITIZEN, RequestReview("不服")), (OFFICE, DecideReview("upheld", "维持"))]
)
def test_a_rulebook_without_a_review_has_none(actor: Actor, command: Command) -> None:
    refused = verified().refusal("Wed 03-18 10:00", actor, command)
    assert refused.code in (R.NOT_IN_RULEBOOK, R.WRONG_STATE)
    assert refused.code is R.NOT_IN_RULEBOOK or isinstance(command, DecideReview)


# --- other ends


def test_a_requester_may_give_the_matter_up_at_any_time() -> None:
    story = assigned().then("Wed 03-11 09:00", HOLDER, Acknowledge("何砚", "110"))
    assert story.refusal("Wed 03-11 10:00", CITIZEN, Withdraw()) == Refused(R.REASON_REQUIRED, "reason")
    story.then("Wed 03-11 10:00", CITIZEN, Withdraw("已自行解决"))
    assert (story.state.stage, story.state.running, story.state.closed_as) == (Stage.WITHDRAWN, (), None)
    assert story.by("Tue 03-31 00:00").state.actions == ()


def test_a_receipt_opens_its_own_case_only() -> None:
    for stranger in (Actor.citizen(7), Actor.citizen()):
        assert assigned().refusal("Wed 03-11 10:00", stranger, Withdraw("不想办了")).code is R.FORBIDDEN


def test_archiving_keeps_how_a_case_ended_and_ends_the_visits() -> None:
    story = visited().then("Mon 03-30 10:00", OFFICE, Archive())
    assert (story.state.stage, story.state.closed_as) == (Stage.ARCHIVED, ClosedAs.SATISFIED)
    assert (story.state.ended_at, story.state.running) == (at("Wed 03-18 10:00"), ())
