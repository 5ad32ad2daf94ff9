"""The same stories over the API, in-process: the clock is the story's, and everybody has a token of his own.

What is expected is read from the register as when the doors are played, so the two ways can't differ in what they
call a success.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from huying.cases.citizen_view import last_digits
from huying.cases.intake import Received
from huying.cases.models import Case, CaseText, Contact
from huying.cases.rulebooks import put_in_force
from huying.data import rulebook_text
from huying.people.models import Post, Unit
from huying.people.tokens import issue_token, tokens_of
from huying.rehearsal.cast import Cast
from huying.rehearsal.play import UNSAID, Player, prepare, result
from huying.rehearsal.story import Step, parse
from huying.rules.access import Actor, Role
from huying.rules.commands import APPROVER, CASES, VERBS
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import RefusalCode
from huying.vault.seals import keys_of, unseal
from tests.api.asking import Answer, Clock, Program
from tests.stories.test_stories import OTHERS, OURS


@dataclass
class ApiPlayer(Player):
    """A player that differs only in how its steps are sent."""

    clock: Clock | None = None
    programs: dict[str, Program] = field(default_factory=dict)

    def take_in(self, step: Step, actor: Actor) -> Received | Refused:
        body = {"channel": "phone"} | {key: value for key, value in step.given.items() if key != "as"}
        if not self._is_a_post(body.get("to")):
            body.pop("to", None)  # a line of the office is nobody's post
        body["fields"] = {key: str(value) for key, value in step.given.get("fields", {}).items()}
        body |= {"case": number} if (number := self.joined(step)) else {}
        answer = self._ask(step, actor, "/contacts", body)
        if answer.status != 201:
            return _refused(answer)
        contact = Contact.objects.get(id=answer.json["contact"])
        return Received(contact.id, contact.case_id, answer.json["case"], answer.json["code"])

    def carry_out(self, step: Step, known: Received, actor: Actor) -> object:
        """Send a command on a case, or on a contact that waits; the requester comes with the receipt."""
        path = f"/contacts/{known.contact_id}" if known.case_id is None else f"/cases/{known.number}"
        body = {"do": step.do, **UNSAID.get(step.do, {}), **{name: self._sent(step, name) for name in step.given}}
        if actor.role is Role.CITIZEN and known.case_id is not None:
            body |= receipt(Case.objects.get(id=known.case_id))
        if step.do == "report" and "claim" in step.given:
            self.show_proof(step, known, actor)
        by = body.pop(approver, None) if (approver := APPROVER.get(VERBS[step.do])) else None
        if by is not None and by == self._name(actor):
            return Refused(RefusalCode.SAME_PERSON)  # who asks can't approve, as tests/api/test_approvals.py shows
        answer = self._ask(step, actor, f"{path}/commands", body)
        if by is None and (answer.status == 202 or (step.do == "assign" and answer.json.get("field") == "reason")):
            # What a second person is asked about, or would be with a reason, the door refuses if nobody was.
            return Refused(RefusalCode.LEVEL_LIMIT if step.do == "assign" else RefusalCode.APPROVAL_REQUIRED)
        if answer.status == 202:
            secret = Case.objects.filter(id=known.case_id or 0, confidential=True).exists()
            above = Actor("", Role.DISCIPLINE if secret else Role.OFFICE)
            second = replace(above if actor.role is Role.UNIT else actor, id=f"user:{by}")
            answer = self._ask(step, second, f"{path}/approvals/{answer.json['id']}", {"do": "approve"})
        return answer.json if answer.status == 200 else _refused(answer)

    def show_proof(self, step: Step, known: Received, actor: Actor) -> None:
        """Upload a file, which a unit's claim needs: a story has no words for files."""
        assert self.clock is not None
        self.clock.now = step.at
        self._program(actor).post(f"/cases/{known.number}/files?kind=proof_of_handling&name=证明.jpg", b"proof")

    def _sent(self, step: Step, name: str) -> object:
        """Return a value of a step as a program says it: cases by their numbers, moments in writing."""
        value: Any = self._value(step, name) if name == "until" else step.given[name]
        if name in CASES:
            known = self._known
            return known(step, value).number if name == "into" else [known(step, one).number for one in value]
        return value.isoformat() if isinstance(value, datetime) else value

    def _is_a_post(self, to: object) -> bool:
        return to in self.cast.posts or to not in [point.get("line") for point in self.story.contact_points]

    def _ask(self, step: Step, actor: Actor, path: str, body: dict[str, object]) -> Answer:
        assert self.clock is not None
        self.clock.now = step.at
        return self._program(actor).post(path, body, key=f"step {step.number}")

    def _program(self, actor: Actor) -> Program:
        """Return the program of whoever acts, with the one token that stands for him in this story."""
        if actor.id not in self.programs:
            # A citizen has no token: some program hands in what he says, with his receipt.
            role = Role.OFFICE if actor.role in (None, Role.CITIZEN) else actor.role
            unit = Unit.objects.get(id=actor.unit) if role is Role.UNIT and actor.unit else None
            post = Post.objects.get(id=min(actor.posts)) if actor.posts else None
            first = self.story.steps[0].at
            self.programs[actor.id] = Program(issue_token(self._name(actor), role, first, unit=unit, post=post))
        return self.programs[actor.id]

    def _name(self, actor: Actor) -> str:
        """Return the name by which the story says who approves something."""
        named = {f"unit:{unit}": name for name, unit in self.cast.units.items()}
        named |= {f"post:{post}": name for name, post in self.cast.posts.items()}
        return named.get(actor.id, actor.id.removeprefix("user:"))


@dataclass
class ApiCast(Cast):
    """A cast in which whoever has acted sees as the token that stands for him."""

    programs: dict[str, Program] = field(default_factory=dict)

    def actor(self, by: str, of: Received | None = None) -> Actor | None:
        actor = super().actor(by, of)
        program = self.programs.get(actor.id) if actor else None
        token = tokens_of(program.secret).first() if program and program.secret else None
        if actor is None or token is None or actor.role is Role.CITIZEN:
            return actor
        self.programs[f"token:{token.pk}"] = self.programs[actor.id]
        return replace(actor, id=f"token:{token.pk}")


def receipt(case: Case) -> dict[str, str]:
    """Return what the requester of a case holds."""
    keys = keys_of([case.id, case.requester_id])
    text = CaseText.objects.get(case_id=case.id, month=case.month)
    phone = unseal(case.requester, keys[case.requester_id], "phone") if case.requester_id in keys else None
    return {"code": unseal(text, keys[case.id], "code") or "", "last_digits": last_digits(phone or "")}


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
    cast = ApiCast(**vars(prepared.cast))
    player = ApiPlayer(story, prepared.version, cast, path.parent, clock=Clock(monkeypatch), programs=cast.programs)

    player.play()

    assert result(player)["failures"] == []
    assert player.programs
