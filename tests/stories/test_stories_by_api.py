"""The same stories over the API, in-process: the clock is the story's, and everybody has a token of his own.

What is expected is read from the register as when the doors are played, so the two ways can't differ in what they
call a success.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from huying.cases.intake import Received
from huying.cases.models import Contact
from huying.cases.rulebooks import put_in_force
from huying.data import rulebook_text
from huying.people.models import Post, Unit
from huying.people.tokens import issue_token
from huying.rehearsal.play import Player, prepare, result
from huying.rehearsal.story import Step, parse
from huying.rules.access import Actor, Role
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import RefusalCode
from tests.api.asking import Answer, Clock, Program
from tests.stories.test_stories import OTHERS, OURS


@dataclass
class ApiPlayer(Player):
    """A player that differs only in how its steps are sent."""

    clock: Clock | None = None
    programs: dict[str, Program] = field(default_factory=dict)

    def take_in(self, step: Step, actor: Actor) -> Received | Refused:
        body = {"channel": "phone"} | {key: value for key, value in step.given.items() if key != "as"}
        body["fields"] = {key: str(value) for key, value in step.given.get("fields", {}).items()}
        body |= {"case": number} if (number := self.joined(step)) else {}
        answer = self._ask(step, actor, "/contacts", body)
        if answer.status != 201:
            return _refused(answer)
        contact = Contact.objects.get(id=answer.json["contact"])
        return Received(contact.id, contact.case_id, answer.json["case"], answer.json["code"])

    def carry_out(self, step: Step, known: Received, actor: Actor) -> object:
        answer = self._ask(step, actor, f"/cases/{known.number}/commands", {"do": step.do, **step.given})
        return answer.json if answer.status == 200 else _refused(answer)

    def _ask(self, step: Step, actor: Actor, path: str, body: dict[str, object]) -> Answer:
        assert self.clock is not None
        self.clock.now = step.at
        return self._program(actor).post(path, body, key=f"step {step.number}")

    def _program(self, actor: Actor) -> Program:
        """Return the program of whoever acts, with the one token that stands for him in this story."""
        if actor.id not in self.programs:
            role = actor.role or Role.OFFICE
            unit = Unit.objects.get(id=actor.unit) if role is Role.UNIT and actor.unit else None
            post = Post.objects.get(id=min(actor.posts)) if actor.posts else None
            first = self.story.steps[0].at
            self.programs[actor.id] = Program(issue_token(actor.id, role, first, unit=unit, post=post))
        return self.programs[actor.id]


def _refused(answer: Answer) -> Refused:
    assert answer.status in (404, 409), answer.json
    return Refused(RefusalCode(answer.json["code"]), answer.json["field"], answer.json["clause"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*OURS, *OTHERS], ids=lambda path: path.stem)
def test_the_story_holds_by_api(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not path.exists():
        pytest.skip("the stories of others aren't beside this clone of the repository")
    story = parse(path.read_text("utf-8"), path.name)
    prepared = prepare(story, rulebook_text(story.rulebook), story.rulebook, path.parent)
    first = story.steps[0].at
    put_in_force(prepared.version, first.date(), first, Actor.system())
    player = ApiPlayer(story, prepared.version, prepared.cast, path.parent, clock=Clock(monkeypatch))

    player.play()

    assert result(player)["failures"] == []
    assert player.programs
