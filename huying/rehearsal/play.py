"""Playing a story: its steps through the two doors under its own clock, its expectations held against the register.

The register it plays on must be empty; nothing of it is kept by whoever asks (see `scratch`). At one instant passed
terms come first, then the steps of that instant, then its expectations.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from huying.cases.calendars import count_open_terms, load
from huying.cases.doors import act, state_of
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.models import Case, RulebookInForce, RulebookVersion
from huying.cases.rulebooks import adopt, ruleset
from huying.cases.sweep import next_instant, sweep
from huying.cases.transfer import transfer_post
from huying.channels.calendar_file import read_days
from huying.channels.sheet_rows import SheetError
from huying.channels.table import BadTable
from huying.directory.models import ContactPoint
from huying.people.models import Post, Unit
from huying.people.office import ROOT, found_office, make_unit
from huying.rules.access import Actor, Role
from huying.rules.commands import POSTS, UNITS, VERBS, Attach, Command, Instruct, command_of, field_names
from huying.rules.lifecycle import Refused
from huying.rules.rulebook import merged_text
from huying.rules.vocabulary import CHANNELS, AttachmentKind, Complexity, Kind, RefusalCode, Stage
from huying.vault.seals import take_ids

from .cast import NOTHING, OFFICE, Cast, Failure
from .expecting import failures_of, told
from .story import Expect, Step, Story, StoryError

_PREFIX = "ST"
_EVER = datetime(1990, 1, 1, tzinfo=UTC)  # a story's rulebook was always in force
# Who does it where a step doesn't say; what isn't here the office does.
_BY_HOLDER = frozenset(
    {"acknowledge", "record_contact", "report", "contact_attempt", "request_return", "request_extension"}
)
_BY_SUPERVISOR = frozenset(
    {"fault", "confirm_fault", "cancel_fault", "schedule_interview", "interview", "rectified", "discipline"}
    | {"close_unsatisfied"}
)
# What a step may leave out, since the format has no key for it.
UNSAID: Mapping[str, Mapping[str, object]] = {"fault": {"evidence": "见台账"}}
_BY_CITIZEN = frozenset(
    {"complete_info", "withdraw", "complain_handling", "request_review", "tell_unanswered", "ask_erasure"}
)


@dataclass
class Player:
    """One story on its way."""

    story: Story
    version: RulebookVersion
    cast: Cast
    folder: Path = Path()
    failures: list[Failure] = field(default_factory=list)

    def play(self) -> None:
        for at, steps, expects in _by_instant(self.story):
            self._sweep_until(at)
            for step in steps:
                self._do(step)
            for expect in expects:
                self.failures.extend(failures_of(expect, self.cast))

    def _sweep_until(self, at: datetime) -> None:
        """Let the terms pass up to and including `at`, each at its own moment."""
        while (due := next_instant()) is not None and due <= at:
            sweep(due)

    def _do(self, step: Step) -> None:
        match step.do:
            case "load_calendar":
                return self._load_calendar(step)
            case "contact":
                result: object = self._contact(step)
            case "transfer_post":
                result = self._transfer(step)
            case "daily_review":
                result = self._review(step)
            case _:
                result = self._command(step)
        return self._compare(step, result)

    def _compare(self, step: Step, result: object) -> None:
        got = result.code.value if isinstance(result, Refused) else False
        fits = got == step.refused or (step.refused is True and got is not False)
        if not fits:
            self.failures.append(Failure(f"{step.do} refused", step.refused, got, step=step.number))

    def _load_calendar(self, step: Step) -> None:
        where = f"step[{step.number}].file"
        try:
            days = read_days(self.folder / step.given.get("file", ""))
        except BadTable as bad:
            raise StoryError(f"{where}: {bad.problems[0]}") from bad
        except (SheetError, OSError, ValueError) as unreadable:
            raise StoryError(f"{where}: {unreadable}") from unreadable
        load(days, step.at, OFFICE)
        count_open_terms(step.at)

    def _contact(self, step: Step) -> Received | Refused:
        name = step.given.get("as")
        self._check_channel(step)
        result = self.take_in(step, self._actor(step, OFFICE))
        if name and name not in self.cast.cases:
            # What was refused has a name too, so that an expectation of it fails, and the story can be read.
            self.cast.cases[name] = result if isinstance(result, Received) else NOTHING
        return result

    def take_in(self, step: Step, actor: Actor) -> Received | Refused:
        """Send a contact through door 1."""
        given = step.given
        post, channel = self._called(step), given.get("channel", "")
        intake = Intake(
            channel=channel,
            kind=Kind.MISSED if given.get("missed") else Kind(given.get("kind", Kind.UNSORTED)),
            text=given.get("text", ""),
            phone=given.get("from"),
            name=given.get("fields", {}).get("name"),
            fields={key: said for key, said in given.get("fields", {}).items() if key != "name"},
            post=post,
            contact_point=self.cast.points.get((post, channel)),
            confidential=given.get("confidential"),
            respondent=self._unit(step, "respondent"),
            anonymous=given.get("anonymous", False),
            urgency_claimed=given.get("urgency"),
            complexity=Complexity(given.get("complexity", Complexity.SIMPLE)),
            external_id=given.get("external_id"),
            joins=self.joined(step),
            follows=self._followed(step),
        )
        return register(intake, step.at, Register(self.version, _PREFIX, step.at.astimezone(UTC), actor))

    def _check_channel(self, step: Step) -> None:
        channel = step.given.get("channel")
        if channel is not None and channel not in self.channels:
            raise StoryError(f"step[{step.number}].channel: there is no channel {channel!r}")

    def joined(self, step: Step) -> str | None:
        """Return the number of the case that a contact of a name which is known joins."""
        known = self.cast.cases.get(step.given.get("as", ""))
        return None if known is None else known.number

    def _followed(self, step: Step) -> str | None:
        """Return the number of the ended case to which a contact brings new facts."""
        return self._known(step, step.given["follows"]).number if "follows" in step.given else None

    def _called(self, step: Step) -> int | None:
        """Return the post that was called; a line has none."""
        to = step.given.get("to")
        if to is None or to in self.cast.posts:
            return self.cast.posts.get(to or "")
        if any(point.get("line") == to for point in self.story.contact_points):
            return None
        raise StoryError(f"step[{step.number}].to: there is no post or line {to!r}")

    @property
    def channels(self) -> frozenset[str]:
        """The channels that there are: those every city has, this rulebook's own, and those of its numbers."""
        own = {channel.kind for channel in ruleset(self.version).rulebook.channels}
        return CHANNELS | own | {point["kind"] for point in self.story.contact_points}

    def _command(self, step: Step) -> object:
        if step.do not in VERBS:
            raise StoryError(f"step[{step.number}].do: {step.do} isn't played yet")
        known = self._known(step, step.case)
        result = self.carry_out(step, known, self._actor(step, self._default(step, known), known))
        if known.case_id is None and not isinstance(result, Refused):
            self._note_case(step.case or "", known)
        return result

    def _known(self, step: Step, name: object) -> Received:
        known = self.cast.cases.get(str(name))
        if known is None:
            raise StoryError(f"step[{step.number}].case: no contact was named {name!r} before")
        return known

    def _note_case(self, name: str, known: Received) -> None:
        """Take note if a case was made of a contact: it has the contact's id."""
        case = Case.objects.filter(id=known.contact_id).first()
        if case is not None:
            self.cast.cases[name] = replace(known, case_id=case.id, number=case.number)

    def _default(self, step: Step, known: Received) -> Actor:
        """Return who does it where the step doesn't say."""
        case = Case.objects.filter(id=known.case_id or 0).first()
        if case is None or step.do in _BY_CITIZEN:
            return Actor.citizen(known.case_id) if step.do in _BY_CITIZEN else OFFICE
        if step.do in _BY_SUPERVISOR:
            role = Role.DISCIPLINE if case.confidential else Role.SUPERVISOR
            return Actor(f"user:{role}", role)
        if step.do in ("answer", "instruct"):
            post = self.cast.posts.get(step.given.get("post", ""), case.post_id)
            return OFFICE if post is None else Actor(f"post:{post}", Role.LEADER, posts=frozenset({post}))
        unit = self._acting_unit(step, case)
        return OFFICE if unit is None else Actor(f"unit:{unit}", Role.UNIT, unit)

    def _acting_unit(self, step: Step, case: Case) -> int | None:
        """Return the unit that does it: the holder, or whichever the step or the case names; None for the office."""
        state = state_of(case.id)
        match step.do:
            case "co_report":
                return self._unit(step, "unit")
            case "statement":
                return state.faults[-1].unit if state.faults else case.unit_id
            case "answer_instruction":
                return min(state.instructed, default=case.unit_id)
            case "assign" if case.stage != Stage.RECEIVED:
                return case.unit_id
        return case.unit_id if step.do in _BY_HOLDER else None

    def carry_out(self, step: Step, known: Received, actor: Actor) -> object:
        """Send a command through door 2."""
        if step.do == "report" and "claim" in step.given:
            self.show_proof(step, known, actor)
        return act(known.case_id or known.contact_id, self._built(step), step.at, step.at, actor)

    def show_proof(self, step: Step, known: Received, actor: Actor) -> None:
        """Lay a file beside the case, which a unit's claim needs: a story has no words for files."""
        proof = Attach(AttachmentKind.PROOF_OF_HANDLING, "证明", f"{step.number}", 1, f"{step.number}")
        act(known.case_id or known.contact_id, proof, step.at, step.at, actor)

    def _built(self, step: Step) -> Command:
        names = field_names(VERBS[step.do])
        if unplayed := step.given.keys() - set(names):
            raise StoryError(f"step[{step.number}].{min(unplayed)}: isn't played yet")
        said = {name: self._value(step, name) for name in names if name in step.given}
        return command_of(step.do, {**UNSAID.get(step.do, {}), **said})

    def _value(self, step: Step, name: str) -> object:
        """Return a value of a step with the names of the story as ids of the register."""
        value = step.given[name]
        if name in UNITS:
            return self._unit(step, name)
        if name in POSTS:
            return self._post(step, name)
        if name == "into":
            return self._known(step, value).case_id or 0
        if name == "cases":
            return tuple(self._known(step, one).case_id or 0 for one in value)
        if name == "until" and not isinstance(value, datetime):
            return datetime.combine(value, time(), ruleset(self.version).rulebook.zone)
        return value

    def _unit(self, step: Step, key: str) -> int | None:
        name = step.given.get(key)
        if name is not None and name not in self.cast.units:
            raise StoryError(f"step[{step.number}].{key}: there is no unit {name!r}")
        return self.cast.units.get(name or "")

    def _post(self, step: Step, key: str) -> int:
        name = step.given.get(key, "")
        if name not in self.cast.posts:
            raise StoryError(f"step[{step.number}].{key}: there is no post {name!r}")
        return self.cast.posts[name]

    def _review(self, step: Step) -> object:
        """Play the daily review of a leader: an instruction on each case that was decided on."""
        post = self.cast.posts.get(step.by or "")
        if post is None:
            return Refused(RefusalCode.FORBIDDEN)
        if not step.given.get("decisions") or any("case" not in one for one in step.given["decisions"]):
            return Refused(RefusalCode.FIELD_REQUIRED, "decisions")
        results = [
            act(
                self._known(step, one.get("case")).case_id or 0,
                Instruct(text=one.get("text"), post=post),
                step.at,
                step.at,
                Actor(f"post:{post}", None),
            )
            for one in step.given.get("decisions", [])
        ]
        refused = [result for result in results if isinstance(result, Refused)]
        return refused[0] if refused else results

    def _transfer(self, step: Step) -> object:
        if self._actor(step, OFFICE).role not in (Role.OFFICE, Role.ADMIN):
            return Refused(RefusalCode.FORBIDDEN)
        if lacking := next((key for key in ("post", "successor") if key not in step.given), None):
            return Refused(RefusalCode.FIELD_REQUIRED, lacking)
        return transfer_post(self._post(step, "post"), self._post(step, "successor"), step.at, OFFICE)

    def _actor(self, step: Step, default: Actor, of: Received | None = None) -> Actor:
        """Return who `by` names: a unit or post of the story, which win over a role of the same name."""
        by = step.by
        if by is None:
            return default
        actor = self.cast.actor(by, of)
        if actor is None:
            raise StoryError(f"step[{step.number}].by: nobody is called {by!r}")
        return actor


def prepare(story: Story, rulebook: str, name: str, folder: Path) -> Player:
    """Set the stage in an empty register: office, units, posts, contact points, and the rulebook of the story.

    `rulebook` is the text of the one it names, `folder` where its files lie. Raises StoryError, RulebookError.
    """
    overrides: dict[str, Any] = dict(story.override)
    if story.calendar:
        overrides["calendar"] = {**overrides.get("calendar", {}), "id": story.calendar}
    text = merged_text(rulebook, overrides, name) if overrides else rulebook
    first = min((step.at for step in story.steps), default=datetime(2026, 1, 1, tzinfo=UTC))
    found_office("公开电话办公室", "演练", _PREFIX)
    version = adopt(name, text, first, Actor.system())
    RulebookInForce.objects.create(
        id=take_ids(1)[0], version=version, since=_EVER, actor=OFFICE.id, recorded_at=first
    )
    try:
        ruleset(version)
    except (FileNotFoundError, ValueError) as unknown:
        raise StoryError(f"calendar: there is no calendar {story.calendar!r}") from unknown
    return Player(story, version, _cast(story), folder)


def _cast(story: Story) -> Cast:
    cast = Cast(units={ROOT: Unit.objects.get(code=ROOT).id})
    for row in story.units:
        parent = Unit.objects.get(code=row.get("parent", ROOT))
        cast.units[row["id"]] = make_unit(row["id"], row["name"], parent).id
    for row in story.posts:
        cast.posts[row["id"]] = Post.objects.create(code=row["id"], name=row["name"]).id
    for row in story.contact_points:
        post = cast.posts.get(row.get("post", ""))
        point = ContactPoint.objects.create(post_id=post, line=row.get("line"), kind=row["kind"], value=row["value"])
        cast.points[post, row["kind"]] = point.id
    return cast


def _by_instant(story: Story) -> Iterator[tuple[datetime, Sequence[Step], Sequence[Expect]]]:
    for at in _moments(story):
        yield at, [s for s in story.steps if s.at == at], [e for e in story.expects if e.at == at]


def result(player: Player) -> Mapping[str, object]:
    """Return the outcome of a played story as `--json` prints it."""
    return {
        "title": player.story.title,
        "passed": not player.failures,
        "failures": [
            {"expect": one.expect, "step": one.step, "key": one.key, "want": one.want, "got": one.got}
            for one in player.failures
        ],
        "cases": {
            name: told(received, player.cast, _moments(player.story)[-1])
            for name, received in player.cast.cases.items()
            if received.case_id is not None
        },
    }


def _moments(story: Story) -> list[datetime]:
    return sorted({step.at for step in story.steps} | {expect.at for expect in story.expects})
