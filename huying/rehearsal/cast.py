"""The names in a story and what they stand for in the register; and what didn't hold."""

from dataclasses import dataclass, field

from huying.cases.intake import Received


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
