"""沟通办理: what the unit does with a case that it holds, and what the office grants it."""

from dataclasses import replace
from typing import Any

from .commands import (
    Acknowledge,
    AnswerInstruction,
    ApproveExtension,
    Attach,
    ContactAttempt,
    ContactOnBehalf,
    CoReport,
    RecordContact,
    RefuseExtension,
    ReportOnBehalf,
    RequestExtension,
    Resume,
    SubmitReport,
    Suspend,
    given,
)
from .deciding import (
    Decision,
    Effect,
    Guard,
    Party,
    Refused,
    Row,
    Situation,
    changed,
    is_so,
    needed,
    reason_given,
    row,
    section,
    text_given,
    too_soon,
    valid_phone,
    word,
)
from .duration import Duration
from .stages import IN_UNITS_HANDS, OPEN_STAGES
from .state import OF_THE_CASE, ClockState
from .terms import Pause
from .vocabulary import AttachmentKind, Claim, Flag, Method, RefusalCode, Stage, StartEvent, Step

# -- guards ----------------------------------------------------------------------------------------------------------


def _handler_named(it: Situation[Acknowledge]) -> Refused | None:
    if given(it.command, "handler") is None:
        return Refused(RefusalCode.HANDLER_NAME_REQUIRED, "handler")
    if given(it.command, "handler_phone") is None:
        return Refused(RefusalCode.HANDLER_PHONE_REQUIRED, "handler_phone")
    return _phone_valid(it)


def _phone_valid(it: Situation[Any]) -> Refused | None:
    phone = given(it.command, "handler_phone")
    return None if phone is None or valid_phone(phone) else Refused(RefusalCode.FIELD_INVALID, "handler_phone")


def _method_allowed(it: Situation[Any]) -> Refused | None:
    step = it.rules.rulebook.step.contact
    method = given(it.command, "method")
    if method is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "method")
    if step is not None and method not in step.methods:
        return Refused(RefusalCode.METHOD_NOT_ALLOWED, "method", "step.contact.methods")
    return None if method in list(Method) else Refused(RefusalCode.FIELD_INVALID, "method")


def _handler_disclosed(it: Situation[Any]) -> Refused | None:
    step = it.rules.rulebook.step.contact
    must = () if step is None else step.must_disclose
    if "handler_name" in must and given(it.command, "handler") is None:
        return Refused(RefusalCode.HANDLER_NAME_REQUIRED, "handler", "step.contact.must_disclose")
    if "handler_phone" in must and given(it.command, "handler_phone") is None:
        return Refused(RefusalCode.HANDLER_PHONE_REQUIRED, "handler_phone", "step.contact.must_disclose")
    return _phone_valid(it)


def _tries_apart(it: Situation[ContactAttempt]) -> Refused | None:
    return too_soon(it, it.state.contact_attempts, it.rules.rulebook.contact_spacing, Step.CONTACT)


def _contact_made(it: Situation[Any]) -> Refused | None:
    """A talk in this cycle, or as many spaced tries as the rulebook asks."""
    if it.rules.rulebook.step.contact is None or it.state.contacted or _tried_enough(it):
        return None
    return Refused(RefusalCode.CONTACT_REQUIRED, clause="step.contact")


def _tried_enough(it: Situation[Any]) -> bool:
    return len(it.state.contact_attempts) >= it.rules.rulebook.contact_attempts


def _co_units_done(it: Situation[Any]) -> Refused | None:
    return Refused(RefusalCode.CO_UNITS_PENDING) if it.state.co_units else None


def _report_complete(it: Situation[Any]) -> Refused | None:
    missing = [field for field in it.rules.rulebook.step.report.required if given(it.command, field) is None]
    if "basis" in missing:
        return Refused(RefusalCode.BASIS_REQUIRED, "basis", "step.report.required")
    return Refused(RefusalCode.FIELD_REQUIRED, missing[0], "step.report.required") if missing else None


def _in_time(it: Situation[RequestExtension]) -> Refused | None:
    clock = it.state.clock(Step.RESOLVE)
    if clock is None:
        return Refused(RefusalCode.NOT_IN_RULEBOOK, clause="step.resolve")
    return Refused(RefusalCode.EXTENSION_TOO_LATE) if it.at >= clock.due_at else None


def _extensions_left(it: Situation[RequestExtension]) -> Refused | None:
    clock, section = it.state.clock(Step.RESOLVE), it.rules.rulebook.step.extension
    if clock is None or section is None or section.max is None or len(clock.extensions) < section.max:
        return None
    return Refused(RefusalCode.EXTENSION_USED_UP, clause="step.extension.max")


def _within_limit(it: Situation[RequestExtension]) -> Refused | None:
    """A term of another unit than the limit's is measured by where it leads to."""
    written = given(it.command, "term")
    if written is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "term")
    try:
        term = Duration.parse(written)
    except ValueError:
        return Refused(RefusalCode.FIELD_INVALID, "term")
    clock, section = it.state.clock(Step.RESOLVE), it.rules.rulebook.step.extension
    if term.n == 0:
        return Refused(RefusalCode.FIELD_INVALID, "term")
    if clock is None or section is None:
        return None
    ends = [_extended(it, clock, length).due_at for length in (term, section.limit)]
    same = term.unit is section.limit.unit
    over = term.n > section.limit.n if same else ends[0] > ends[1]
    return Refused(RefusalCode.EXTENSION_OVER_LIMIT, "term", "step.extension.limit") if over else None


def _citizen_told(it: Situation[RequestExtension]) -> Refused | None:
    section = it.rules.rulebook.step.extension
    if section is None or not section.must_inform_citizen or it.command.citizen_informed:
        return None
    return Refused(RefusalCode.CITIZEN_NOT_INFORMED, "citizen_informed", "step.extension.must_inform_citizen")


def _until_ahead(it: Situation[Suspend]) -> Refused | None:
    if it.command.until is None:
        return Refused(RefusalCode.FIELD_REQUIRED, "until")
    return Refused(RefusalCode.FIELD_INVALID, "until") if it.command.until <= it.at else None


def _own_unit(it: Situation[Any]) -> Refused | None:
    unit = it.command.unit
    allowed = it.actor.role is None or unit is None or unit == it.actor.unit
    return None if allowed else Refused(RefusalCode.FIELD_INVALID, "unit")


def _has_proof(kind: AttachmentKind) -> Guard[Any]:
    """Return the guard that the paper from which somebody records lies scanned beside the case."""
    return lambda it: None if kind in it.state.shown else Refused(RefusalCode.PROOF_REQUIRED)


def _claim_is_proved(it: Situation[SubmitReport]) -> Refused | None:
    """Nobody takes a matter out of the rates on a unit's word alone."""
    claims = given(it.command, "claim") in list(Claim)
    proved = AttachmentKind.PROOF_OF_HANDLING in it.state.shown
    return None if proved or not claims else Refused(RefusalCode.PROOF_REQUIRED)


# -- effects ---------------------------------------------------------------------------------------------------------


def _acknowledged(it: Situation[Acknowledge]) -> Decision:
    taken = replace(it.state, stage=Stage.ACKNOWLEDGED, handled_by=it.state.handled_by | {it.actor.id})
    return changed(it, "acknowledged", taken.finish(Step.ACKNOWLEDGE, at=it.at))


def _contacted(it: Situation[RecordContact]) -> Decision:
    spoken = replace(
        it.state,
        stage=Stage.CONTACTED,
        contacted=True,
        handled_by=it.state.handled_by | {it.actor.id},
        flags=it.state.flags - {Flag.CITIZEN_NOT_REACHED},
    )
    return changed(it, "contacted", spoken.finish(Step.ACKNOWLEDGE, Step.CONTACT, Step.FEEDBACK, at=it.at))


def _attempted(it: Situation[ContactAttempt]) -> Decision:
    tries = (*it.state.contact_attempts, it.at)
    return changed(
        it,
        "contact_attempted",
        replace(it.state, contact_attempts=tries, handled_by=it.state.handled_by | {it.actor.id}),
    )


def _reported(it: Situation[SubmitReport]) -> Decision:
    """Without a talk the term of contacting stays undone: late is late, but it presses nobody any more."""
    claim = given(it.command, "claim") if hasattr(it.command, "claim") else None
    told = replace(
        it.state,
        stage=Stage.REPORTED,
        handled_by=it.state.handled_by | {it.actor.id},
        extension_asked=None,
        claim=Claim(claim) if claim else None,
    )
    steps = [Step.ACKNOWLEDGE, Step.RESOLVE]
    if it.rules.rulebook.step.contact is None:
        steps.append(Step.FEEDBACK)
    elif not it.state.contacted:
        told = replace(told, flags=told.flags | {Flag.CITIZEN_NOT_REACHED})
    return changed(it, "reported", it.rules.start(told.finish(*steps, at=it.at), {StartEvent.REPORTED}, it.at))


def _extension_asked(it: Situation[RequestExtension]) -> Decision:
    return changed(it, "extension_requested", replace(it.state, extension_asked=given(it.command, "term")))


def _extension_granted(it: Situation[ApproveExtension]) -> Decision:
    length = Duration.parse(it.state.extension_asked or "")
    clocks = tuple(
        _extended(it, clock, length) if clock == it.state.clock(Step.RESOLVE) else clock for clock in it.state.clocks
    )
    return changed(it, "extension_approved", replace(it.state, extension_asked=None, clocks=clocks))


def _extended(
    it: Situation[RequestExtension] | Situation[ApproveExtension], clock: ClockState, length: Duration
) -> ClockState:
    return it.rules.derived(replace(clock, extensions=(*clock.extensions, str(length))))


def _extension_refused(it: Situation[RefuseExtension]) -> Decision:
    return changed(it, "extension_refused", replace(it.state, extension_asked=None))


def _suspended(it: Situation[Suspend]) -> Decision:
    """The terms of handling stand still; what a leader or a supervisor has set goes on."""

    def stands(clock: ClockState) -> bool:
        return clock.is_running and clock.step not in OF_THE_CASE

    clocks = tuple(
        it.rules.derived(replace(clock, pauses=(*clock.pauses, Pause(it.at, None)))) if stands(clock) else clock
        for clock in it.state.clocks
    )
    still = replace(it.state, stage=Stage.SUSPENDED, suspended_from=it.state.stage, clocks=clocks)
    until = it.command.until or it.at
    return changed(it, "suspended", it.rules.begin_until(still, Step.SUSPENSION, "suspended", it.at, until))


def resumed(it: Situation[Resume]) -> Decision:
    """Every term goes on by as much as its own kind of days lost (D8)."""
    clocks = tuple(_going_on(it, clock) if clock.is_paused else clock for clock in it.state.clocks)
    again = replace(it.state, stage=it.state.suspended_from or Stage.CONTACTED, suspended_from=None, clocks=clocks)
    return changed(it, "resumed", again.finish(Step.SUSPENSION, at=it.at))


def _going_on(it: Situation[Resume], clock: ClockState) -> ClockState:
    pauses = (*clock.pauses[:-1], Pause(clock.pauses[-1].start, it.at))
    return it.rules.derived(replace(clock, pauses=pauses))


def _attached(it: Situation[Attach]) -> Decision:
    shown = it.state.shown | {AttachmentKind(given(it.command, "kind") or "")}
    return changed(it, "attached", replace(it.state, shown=shown))


def _on_behalf(effect: Effect[Any]) -> Effect[Any]:
    """Return the effect of what the holder could have done itself, marked as recorded by somebody else."""

    def marked(it: Situation[Any]) -> Decision:
        done = effect(it)
        flags = done.after.flags | {Flag.RECORDED_ON_BEHALF}
        return replace(done, after=replace(done.after, flags=flags))

    return marked


def _co_reported(it: Situation[CoReport]) -> Decision:
    said = replace(it.command, unit=it.command.unit or it.actor.unit)
    state = replace(it.state, co_units=it.state.co_units - {said.unit or 0})
    return Decision(said, ("co_reported",), state)


def _instruction_answered(it: Situation[AnswerInstruction]) -> Decision:
    """One answer of a unit is its answer to all that it was asked."""
    said = replace(it.command, unit=it.command.unit or it.actor.unit)
    done = {said.unit} if said.unit is not None else it.state.instructed
    clocks = tuple(
        replace(clock, done_at=it.at)
        if clock.step is Step.INSTRUCTION and clock.is_running and clock.unit in done
        else clock
        for clock in it.state.clocks
    )
    state = replace(it.state, instructed=it.state.instructed - done, clocks=clocks)
    return Decision(said, ("instruction_answered",), state)


# -- rows ------------------------------------------------------------------------------------------------------------

_OFFICE, _HOLDER = frozenset({Party.OFFICE}), frozenset({Party.HOLDER})
_has_extensions = section("step.extension", lambda rules: rules.rulebook.step.extension)
_was_asked = is_so(lambda state: state.extension_asked is not None)
_not_asked_yet = is_so(lambda state: state.extension_asked is None)
_OPEN_TO_GRANT = IN_UNITS_HANDS | {Stage.SUSPENDED}

ROWS: tuple[Row, ...] = (
    row(Acknowledge, _HOLDER, {Stage.ASSIGNED}, (_handler_named,), _acknowledged),
    row(RecordContact, _HOLDER, IN_UNITS_HANDS, (_method_allowed, _handler_disclosed), _contacted),
    row(
        ContactAttempt,
        {Party.HOLDER, Party.OPERATOR},
        IN_UNITS_HANDS,
        (_tries_apart, word("result")),
        _attempted,
    ),
    row(
        RequestExtension,
        _HOLDER,
        IN_UNITS_HANDS,
        (_has_extensions, _not_asked_yet, _in_time, _extensions_left, _within_limit, _citizen_told, reason_given),
        _extension_asked,
    ),
    row(ApproveExtension, _OFFICE, _OPEN_TO_GRANT, (_has_extensions, _was_asked), _extension_granted),
    row(RefuseExtension, _OFFICE, _OPEN_TO_GRANT, (_has_extensions, _was_asked, reason_given), _extension_refused),
    row(Suspend, _OFFICE, {Stage.CONTACTED}, (reason_given, word("reason", needed=False), _until_ahead), _suspended),
    row(Resume, _OFFICE, {Stage.SUSPENDED}, (), resumed),
    row(CoReport, {Party.CO_UNIT}, OPEN_STAGES, (text_given, _own_unit), _co_reported),
    row(
        SubmitReport,
        _HOLDER,
        IN_UNITS_HANDS,
        (
            _co_units_done,
            _contact_made,
            _report_complete,
            word("outcome", needed=False),
            word("claim", needed=False),
            _claim_is_proved,
        ),
        _reported,
    ),
    row(
        ContactOnBehalf,
        {Party.ON_BEHALF},
        IN_UNITS_HANDS,
        (_has_proof(AttachmentKind.PROOF_OF_CONTACT), _method_allowed, _handler_disclosed),
        _on_behalf(_contacted),
    ),
    row(
        ReportOnBehalf,
        {Party.ON_BEHALF},
        IN_UNITS_HANDS,
        (
            _has_proof(AttachmentKind.PROOF_OF_HANDLING),
            _co_units_done,
            _contact_made,
            _report_complete,
            word("outcome", needed=False),
        ),
        _on_behalf(_reported),
    ),
    row(
        Attach,
        {Party.OFFICE, Party.OPERATOR, Party.HOLDER, Party.ON_BEHALF, Party.CO_UNIT, Party.CITIZEN},
        OPEN_STAGES,
        (word("kind"), needed("file"), needed("name"), needed("size")),
        _attached,
    ),
    row(AnswerInstruction, {Party.INSTRUCTED}, OPEN_STAGES, (text_given, _own_unit), _instruction_answered),
)
