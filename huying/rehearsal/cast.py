"""The names in a story and what they stand for in the register; and what didn't hold."""

from dataclasses import dataclass, field

from huying.cases.intake import Received
from huying.people.models import Unit
from huying.rules.access import Actor, Role

OFFICE = Actor("user:office", Role.OFFICE)
NOTHING = Received(0, None, None, None)  # what a contact made that was refused


@dataclass(frozen=True)
class Failure:
    """Something that didn't hold; `expect` or `step` is its number in the file, from 1."""

    key: str
    want: object
    got: object
    expect: int | None = None
    step: int | None = None


@dataclass
class Cast:
    """The story's names, and what they stand for in the register."""

    units: dict[str, int] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    points: dict[tuple[int | None, str], int] = field(default_factory=dict)
    cases: dict[str, Received] = field(default_factory=dict)

    def actor(self, by: str, of: Received | None = None) -> Actor | None:
        """Return who a name stands for: a unit or a post of the story, which win over a role; None for nobody.

        `of` is the contact, or the case, of which "citizen" is whoever raised it.
        """
        if by in self.units:
            unit = Unit.objects.get(id=self.units[by])
            return Actor(f"unit:{unit.id}", Role.UNIT, unit.id, above=unit.above, name=by)
        if by in self.posts:
            post = self.posts[by]
            return Actor(f"post:{post}", Role.LEADER, posts=frozenset({post}), name=by)
        if by == "citizen":
            return Actor.citizen(None if of is None else of.case_id)
        if by == "leader" or by == "liaison":  # of every post: which one is meant, the case says
            return Actor(f"user:{by}", Role(by), posts=frozenset(self.posts.values()))
        return Actor(f"user:{by}", Role(by)) if by in list(Role) else None
