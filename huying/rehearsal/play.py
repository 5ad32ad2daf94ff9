"""Playing a story: its steps through the two doors under its own clock, its expectations held against the register.

The register it plays on must be empty; nothing of it is kept by whoever asks (see `scratch`). At one instant passed
terms come first, then the steps of that instant, then its expectations.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huying.cases.calendars import count_open_terms, load
from huying.cases.doors import act
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.models import Case, RulebookVersion
from huying.cases.rulebooks import adopt, ruleset
from huying.cases.sweep import next_instant, sweep
from huying.channels.calendar_file import read_days
from huying.channels.sheet_rows import SheetError
from huying.channels.table import BadTable
from huying.directory.models import ContactPoint
from huying.people.models import Post, Unit
from huying.people.office import ROOT, found_office, make_unit
from huying.rules.access import Actor, Role
from huying.rules.commands import VERBS, Command
from huying.rules.lifecycle import Refused
from huying.rules.rulebook import merged_text
from huying.rules.vocabulary import CHANNELS, Complexity, Kind, RefusalCode, Stage

from .cast import OFFICE, Cast, Failure
from .expecting import failures_of, told
from .story import Expect, Step, Story, StoryError

_PREFIX = "ST"
# Keys of a contact that tell a story something which nothing here can do yet.
_UNPLAYED = frozenset({"urgency", "respondent", "anonymous"})
# Who does it where a step doesn't say.
_BY_HOLDER = frozenset({"acknowledge", "record_contact", "report"})


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
        if step.do == "load_calendar":
            self._load_calendar(step)
            return
        result = self._contact(step) if step.do == "contact" else self._command(step)
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
        if unplayed := _UNPLAYED & step.given.keys():
            raise StoryError(f"step[{step.number}].{min(unplayed)}: isn't played yet")
        self._check_channel(step)
        result = self.take_in(step, self._actor(step, OFFICE))
        if isinstance(result, Received) and name and name not in self.cast.cases:
            self.cast.cases[name] = result
        return result

    def take_in(self, step: Step, actor: Actor) -> Received | Refused:
        """Send a contact through door 1."""
        given = step.given
        post, channel = self._called(step), given.get("channel", "phone")
        intake = Intake(
            channel=channel,
            kind=Kind.MISSED if given.get("missed") else Kind(given.get("kind", Kind.UNSORTED)),
            text=given.get("text", ""),
            phone=given.get("from"),
            name=given.get("fields", {}).get("name"),
            fields={key: said for key, said in given.get("fields", {}).items() if key != "name"},
            post=post,
            contact_point=self.cast.points.get((post, channel)),
            confidential=given.get("confidential", False),
            complexity=Complexity(given.get("complexity", Complexity.SIMPLE)),
            external_id=given.get("external_id"),
            joins=self.joined(step),
        )
        return register(intake, step.at, Register(self.version, _PREFIX, step.at.astimezone(UTC), actor))

    def _check_channel(self, step: Step) -> None:
        channel = step.given.get("channel", "phone")
        if channel not in self.channels:
            raise StoryError(f"step[{step.number}].channel: there is no channel {channel!r}")
        way_in = ruleset(self.version).rulebook.channel(channel)
        if way_in is not None and not way_in.enabled:
            raise StoryError(f"step[{step.number}].channel: a channel that is off isn't played yet")

    def joined(self, step: Step) -> str | None:
        """Return the number of the case that a contact of a name which is known joins."""
        known = self.cast.cases.get(step.given.get("as", ""))
        return None if known is None else known.number

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
        known = self.cast.cases.get(step.case or "")
        if known is None:
            raise StoryError(f"step[{step.number}].case: no contact was named {step.case!r} before")
        if known.case_id is None:
            return Refused(RefusalCode.NOT_FOUND)
        unit, stage = Case.objects.values_list("unit", "stage").get(id=known.case_id)
        holder = Actor(f"unit:{unit}", Role.UNIT, unit) if unit else OFFICE
        hands_down = step.do == "assign" and stage != Stage.RECEIVED
        default = holder if step.do in _BY_HOLDER or hands_down else OFFICE
        return self.carry_out(step, known, self._actor(step, default))

    def carry_out(self, step: Step, known: Received, actor: Actor) -> object:
        """Send a command through door 2."""
        return act(known.case_id or 0, self._built(step), step.at, step.at, actor)

    def _built(self, step: Step) -> Command:
        given = dict(step.given)
        if step.do == "assign":
            given["unit"] = self._unit(step, given["unit"]) if "unit" in given else None
        known = {key: value for key, value in given.items() if key in VERBS[step.do].__dataclass_fields__}
        if unplayed := given.keys() - known.keys():
            raise StoryError(f"step[{step.number}].{min(unplayed)}: isn't played yet")
        return VERBS[step.do](**known)

    def _unit(self, step: Step, name: str) -> int:
        if name not in self.cast.units:
            raise StoryError(f"step[{step.number}].unit: there is no unit {name!r}")
        return self.cast.units[name]

    def _actor(self, step: Step, default: Actor) -> Actor:
        """Return who `by` names: a unit or post of the story, which win over a role of the same name."""
        by = step.by
        if by is None:
            return default
        actor = self.cast.actor(by)
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
