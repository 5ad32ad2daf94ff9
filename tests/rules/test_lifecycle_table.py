"""The table row by row: who may do what, and in which stages."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from huying.rules.access import Actor, Role
from huying.rules.commands import COMMANDS as COMMAND_TYPES
from huying.rules.commands import (
    VERBS,
    Acknowledge,
    AnswerInstruction,
    ApproveExtension,
    ApproveReturn,
    Archive,
    AskErasure,
    Assign,
    Attach,
    CancelFault,
    Classify,
    CloseUnsatisfied,
    Command,
    ComplainHandling,
    CompleteInfo,
    ConfirmFault,
    ContactAttempt,
    ContactOnBehalf,
    CoReport,
    Correct,
    DecideClaim,
    DecideReview,
    Decline,
    GiveAnswer,
    GiveBack,
    Group,
    HandToDiscipline,
    HoldInterview,
    Instruct,
    JoinContact,
    JoinUnit,
    MarkNuisance,
    MarkUrgent,
    Merge,
    MovePost,
    MoveUnit,
    NotACase,
    Note,
    OpenCase,
    ProposeFault,
    Recall,
    ReceivePackage,
    RecordResult,
    RecordVerdict,
    RecountTerms,
    Rectified,
    Refer,
    RefuseExtension,
    RefuseReturn,
    ReissueCode,
    RejectReport,
    ReportOnBehalf,
    RequestExtension,
    RequestReturn,
    RequestReview,
    Resume,
    ReturnCall,
    ReviewNuisance,
    ScheduleInterview,
    StateFault,
    Summarise,
    Suspend,
    TakeOver,
    TellUnanswered,
    TermEnded,
    TermPassed,
    Unmerge,
    Verify,
    Withdraw,
    command_of,
    verb_of,
)
from huying.rules.lifecycle import TABLE, Refused, decide
from huying.rules.offers import possible
from huying.rules.state import CaseState, OpenFault
from huying.rules.vocabulary import (
    Action,
    AttachmentKind,
    Claim,
    Fault,
    Flag,
    Kind,
    RefusalCode,
    Stage,
    Step,
    VerdictCode,
)
from tests.rules.test_lifecycle import (
    CITIZEN,
    HEATING,
    HOLDER,
    HOUSING,
    LEADER,
    MAYOR,
    NO_ANSWER,
    OFFICE,
    OPERATOR,
    REPORT,
    SPOKEN,
    SUPERVISOR,
    TOWNSHIP,
    at,
    received,
    rules,
    rules_with,
)

ACTORS = {
    "office": OFFICE,
    "operator": OPERATOR,
    "leader": LEADER,
    "liaison": Actor("user:6", Role.LIAISON, posts=frozenset({MAYOR})),
    "another leader": Actor("user:13", Role.LEADER, posts=frozenset({MAYOR + 1})),
    "another liaison": Actor("user:14", Role.LIAISON, posts=frozenset({MAYOR + 1})),
    "retired leader": Actor("user:15", Role.LEADER),
    "supervisor": SUPERVISOR,
    "discipline": Actor("user:8", Role.DISCIPLINE),
    "admin": Actor("user:9", Role.ADMIN),
    "holder": HOLDER,
    "co-unit": Actor("user:10", Role.UNIT, TOWNSHIP),
    "another-unit": Actor("user:16", Role.UNIT, HEATING),
    "nobody's unit": Actor("user:11", Role.UNIT),
    "citizen": CITIZEN,
    "another citizen": Actor.citizen(receipt=999),
    "system": Actor.system(),
}
IN_HANDS = "assigned acknowledged contacted"
OPEN = f"received pending_info {IN_HANDS} reported verified suspended return_requested"
ANY_CASE = " ".join(stage for stage in Stage if stage is not Stage.WAITING)
LEADERS = "leader liaison"
# Verb by verb: who may, and in which stages. The two rows of `assign` hold for one party each.
WAYS: dict[str, list[tuple[str, str]]] = {
    "open_case": [("office", "waiting")],
    "not_a_case": [("office", "waiting")],
    "return_call": [(f"office operator {LEADERS}", "waiting")],
    "complete_info": [("office operator citizen", "pending_info")],
    "classify": [("office", OPEN)],
    "mark_urgent": [("office", OPEN)],
    "summarise": [("office", f"waiting {OPEN}")],
    "correct": [("office", f"waiting {OPEN}")],
    "note": [(f"office supervisor holder co-unit {LEADERS}", f"waiting {OPEN}")],
    "decline": [("office", "received pending_info")],
    "refer": [("office", "received pending_info")],
    "answer": [(f"office operator {LEADERS}", "received")],
    "merge": [("office", f"received pending_info {IN_HANDS}")],
    "unmerge": [("office", "merged")],
    "group": [("office", f"received {IN_HANDS}")],
    "assign": [("office", "received"), ("holder", "assigned acknowledged")],
    "recall": [("office", IN_HANDS)],
    "request_return": [("holder", "assigned acknowledged")],
    "approve_return": [("office", "return_requested")],
    "refuse_return": [("office", "return_requested")],
    "join_unit": [("office", IN_HANDS)],
    "instruct": [(LEADERS, OPEN)],
    "acknowledge": [("holder", "assigned")],
    "record_contact": [("holder", IN_HANDS)],
    "contact_attempt": [("holder operator", IN_HANDS)],
    "request_extension": [("holder", IN_HANDS)],
    "approve_extension": [("office", f"{IN_HANDS} suspended")],
    "refuse_extension": [("office", f"{IN_HANDS} suspended")],
    "suspend": [("office", "contacted")],
    "resume": [("office", "suspended")],
    "co_report": [("co-unit", OPEN)],
    "report": [("holder", IN_HANDS)],
    "contact_on_behalf": [("office another-unit", IN_HANDS)],
    "report_on_behalf": [("office another-unit", IN_HANDS)],
    "answer_instruction": [("holder", OPEN)],
    "reject_report": [("office", "reported")],
    "verify": [("office", "reported")],
    "decide_claim": [("office", "reported")],
    "callback_attempt": [("office operator", "verified closed")],
    "record_verdict": [("office operator citizen", "verified closed")],
    "close_unsatisfied": [("supervisor", "verified")],
    "request_review": [("citizen office operator", "verified closed")],
    "decide_review": [("office", "verified")],
    "withdraw": [("citizen", OPEN)],
    "archive": [("office", "closed answered")],
    "fault": [("supervisor", OPEN)],
    "statement": [("holder", ANY_CASE)],
    "confirm_fault": [("supervisor", ANY_CASE)],
    "cancel_fault": [("supervisor", ANY_CASE)],
    "schedule_interview": [("supervisor", ANY_CASE)],
    "interview": [("supervisor", ANY_CASE)],
    "rectified": [("supervisor", ANY_CASE)],
    "discipline": [("supervisor", OPEN)],
    "receive_package": [("discipline", ANY_CASE)],
    "record_result": [("discipline", ANY_CASE)],
    "complain_handling": [("citizen", ANY_CASE)],
    "tell_unanswered": [("citizen", OPEN)],
    "ask_erasure": [("citizen", ANY_CASE)],
    "mark_nuisance": [("office", ANY_CASE)],
    "review_nuisance": [("office supervisor", ANY_CASE)],
    "reissue_code": [("office operator", ANY_CASE)],
}
NOW, TOMORROW = at("Thu 03-12 10:00"), at("Fri 03-13 10:00")
COMMANDS: dict[str, Command] = {
    verb_of(command): command
    for command in (
        OpenCase("problem"),
        NotACase("verification"),
        ReturnCall("reached", "problem"),
        CompleteInfo({"name": "测试人甲"}),
        Classify("供水"),
        MarkUrgent("critical", "周明"),
        Summarise("水管漏水"),
        Correct("name", "测试人乙", "听错"),
        Note("已电话核实"),
        Decline("已由法院受理", "人民法院"),
        Refer("110"),
        GiveAnswer("八点到十七点"),
        Merge(99),
        Unmerge(),
        Group("停水", HEATING),
        Assign(HEATING),
        Recall("派错"),
        RequestReturn("不属于本单位职责", HEATING),
        ApproveReturn(),
        RefuseReturn(),
        JoinUnit(HEATING),
        Instruct("三日内办结"),
        Acknowledge("何砚", "110"),
        SPOKEN,
        ContactAttempt("no_answer"),
        RequestExtension("5 working_days", "等配件", citizen_informed=True),
        ApproveExtension(),
        RefuseExtension("理由不足"),
        Suspend("court", TOMORROW),
        Resume(),
        CoReport("阀门已换"),
        REPORT,
        ContactOnBehalf("phone", "何砚", "0558-5552207"),
        ReportOnBehalf("已修好", "done", "办理规程第三条"),
        AnswerInstruction("已办"),
        RejectReport("没有结果"),
        Verify(),
        DecideClaim(accepted=True, reason="不在职权内", approved_by="周明"),
        NO_ANSWER,
        RecordVerdict("satisfied"),
        CloseUnsatisfied("已尽力", "办理规程第八条", "周明"),
        RequestReview("不服"),
        DecideReview("upheld", "维持"),
        Withdraw("已解决"),
        Archive(),
        ProposeFault("slow_action", evidence="交办 9 天没有联系"),
        StateFault("已在路上"),
        ConfirmFault(),
        CancelFault("情有可原"),
        ScheduleInterview(HOUSING, "周明", TOMORROW),
        HoldInterview("周明", "限期整改", TOMORROW),
        Rectified(),
        HandToDiscipline(),
        ReceivePackage("已收"),
        RecordResult("已处理"),
        ComplainHandling("一直没人来"),
        TellUnanswered(),
        AskErasure(),
        MarkNuisance("一天四十次", TOMORROW, "周明"),
        ReviewNuisance("changed", "不是骚扰"),
        ReissueCode("丢了"),
    )
}
FAULTS = (OpenFault(Fault.SLOW_ACTION, HOUSING, at("Fri 03-06 10:00")),)
ON_PAPER = {"given_on": (HEATING,), "shown": frozenset(AttachmentKind)}
# What a case must be like beside its stage, so that the guards of a verb are content.
FITS: dict[str, dict[str, Any]] = {
    "open_case": {"kind": Kind.UNSORTED},
    "not_a_case": {"kind": Kind.UNSORTED},
    "return_call": {"kind": Kind.MISSED},
    "complete_info": {"missing": ("name",)},
    "note": {"co_units": frozenset({TOWNSHIP})},
    "co_report": {"co_units": frozenset({TOWNSHIP})},
    "approve_extension": {"extension_asked": "5 working_days"},
    "refuse_extension": {"extension_asked": "5 working_days"},
    "answer_instruction": {"instructed": frozenset({HOUSING})},
    "decide_claim": {"claim": Claim.UNTRUE},
    "close_unsatisfied": {"verdict": VerdictCode.UNSATISFIED},
    "decide_review": {"review": Step.REVIEW},
    "contact_on_behalf": ON_PAPER,
    "report_on_behalf": ON_PAPER,
    "receive_package": {"actions": (Action.DISCIPLINE,)},
    "record_result": {"actions": (Action.DISCIPLINE,)},
    "statement": {"faults": FAULTS},
    "confirm_fault": {"faults": FAULTS},
    "cancel_fault": {"faults": FAULTS},
    "review_nuisance": {"nuisance_until": TOMORROW},
}
TOO_LATE = {("request_review", Stage.CLOSED)}  # after the end of the window there is a row that says so
EVERYTHING = rules_with({"step": {"review": {"window": "30 calendar_days", "due": "30 calendar_days"}}})


@cache
def held(stage: Stage, verb: str = "assign") -> CaseState:
    """Return a case held by the unit in `stage`, in which every guard of that verb is content."""
    when = at("Tue 03-10 09:15")
    state = replace(
        received("Tue 03-10 09:15", EVERYTHING, kind=Kind.CONSULTATION).state, unit=HOUSING, level=1, contacted=True
    )
    for step in (Step.RESOLVE, Step.CALLBACK, Step.REVIEW):
        state = EVERYTHING.begin(state, step, "received", when)
    state = EVERYTHING.begin_until(state, Step.RECTIFICATION, "interview", when, at("Fri 03-27 24:00"))
    return replace(state, stage=stage, **FITS.get(verb, {}))


def attempt(state: CaseState, actor: Actor, verb: str) -> str:
    answer = decide(state, COMMANDS[verb], actor, NOW, EVERYTHING)
    return answer.code if isinstance(answer, Refused) else "done"


NOT_SENT = (
    Attach,
    JoinContact,
    TakeOver,
    GiveBack,
    MovePost,
    MoveUnit,
    TermPassed,
    TermEnded,
    RecountTerms,
)  # by doors and clock


def expected(stage: Stage, who: str, verb: str) -> str:
    mine = [stages.split() for parties, stages in WAYS[verb] if who in [*parties.split(), "system"]]
    if not mine:
        return "forbidden"
    if not any(stage in stages for stages in mine):
        return "wrong_state"
    return "review_too_late" if (verb, stage) in TOO_LATE else "done"


@pytest.mark.parametrize("verb", WAYS)
def test_a_verb_is_done_by_those_who_may_in_its_stages_only(verb: str) -> None:
    answers = {(stage, who): attempt(held(stage, verb), ACTORS[who], verb) for stage in Stage for who in ACTORS}
    assert answers == {(stage, who): expected(stage, who, verb) for stage in Stage for who in ACTORS}


@pytest.mark.parametrize("who", ACTORS)
def test_what_is_possible_is_what_the_table_says(who: str) -> None:
    listed = {
        (verb, stage) for verb in WAYS for stage in Stage if VERBS[verb] in possible(held(stage, verb), ACTORS[who])
    }
    said = {
        (verb, stage)
        for verb in WAYS
        for stage in Stage
        if expected(stage, who, verb) not in ("forbidden", "wrong_state")
    }
    assert listed == said


@pytest.mark.parametrize("who", sorted({*ACTORS} - {"system"}))
@pytest.mark.parametrize(
    "command",
    [
        TermPassed(Step.ASSIGN, 1),
        TermEnded(Step.SUSPENSION),
        RecountTerms(7),
        TakeOver(9, 1),
        GiveBack(9, 1),
        MovePost(MAYOR),
        MoveUnit(HOUSING, HEATING),
    ],
)
def test_nobody_with_a_role_may_do_what_the_clock_or_another_case_does(command: Command, who: str) -> None:
    answers = {decide(held(stage), command, ACTORS[who], NOW, EVERYTHING) for stage in Stage}
    assert answers == {Refused(RefusalCode.FORBIDDEN)}


def test_a_case_that_nobody_holds_has_no_holder() -> None:
    nobody = replace(held(Stage.ASSIGNED), unit=None)
    assert attempt(nobody, Actor("user:11", Role.UNIT), "acknowledge") == "forbidden"


def test_a_case_that_came_to_no_post_is_no_leaders() -> None:
    nobodys = replace(held(Stage.RECEIVED), post=None)
    answers = {who: attempt(nobodys, ACTORS[who], "answer") for who in ("leader", "retired leader", "liaison")}
    assert set(answers.values()) == {"forbidden"}


@pytest.mark.parametrize("verb", WAYS)
def test_discipline_runs_a_confidential_case_as_office_and_supervisor_run_others(verb: str) -> None:
    for stage in Stage:
        secret = replace(held(stage, verb), confidential=True)
        ordinary = {expected(stage, who, verb) for who in ("office", "supervisor", "discipline")}
        answer = min(ordinary, key=["done", "review_too_late", "wrong_state", "forbidden"].index)
        assert attempt(secret, ACTORS["discipline"], verb) == answer


@pytest.mark.parametrize("stage", Stage)
def test_a_contact_joins_any_case_by_whoever_takes_calls(stage: Stage) -> None:
    def joined(who: str) -> object:
        answer = decide(held(stage), JoinContact(), ACTORS[who], NOW, rules())
        return (
            answer.code if isinstance(answer, Refused) else (answer.after.contacts, Flag.REPEAT in answer.after.flags)
        )

    stands_still = stage in (Stage.WAITING, Stage.MERGED)
    done = RefusalCode.WRONG_STATE if stands_still else (2, True)
    assert {who: joined(who) for who in ("office", "operator", "leader")} == dict.fromkeys(
        ("office", "operator", "leader"), done
    )
    assert joined("holder") is RefusalCode.FORBIDDEN


def test_every_command_has_a_verb_and_a_row() -> None:
    assert {*VERBS.values(), *NOT_SENT} == set(TABLE) == set(COMMAND_TYPES.values())
    assert set(VERBS) == set(WAYS) == set(COMMANDS)
    assert all(verb_of(command_of(verb, {})) == verb for verb in VERBS)
