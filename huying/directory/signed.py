"""The directory as one signed document, for whoever passes it on: docs/api.md says what is in it."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from huying.people.models import Office
from huying.people.serving import day_of
from huying.vault.keys import signing_key
from huying.vault.signature import DIRECTORY, signed

from .entries import Entry, Point, entries, listed
from .models import ContactPoint


def signed_directory(at: datetime) -> bytes:
    """Return all that is published now (three statements). Raises KeyProblem."""
    office = Office.objects.first()
    lines = ContactPoint.objects.standing(at).filter(post=None).order_by("id")
    document = {
        "city": office.city if office else "",
        "office": office.name if office else "",
        "as_of": _local(at),
        "lines": [{"name": line.line, **point} for line, point in zip(lines, _points(lines), strict=True)],
        "posts": [_post(entry) for entry in entries(listed(day_of(at)), at)],
    }
    return signed(document, DIRECTORY, signing_key())


def _post(entry: Entry) -> dict[str, object]:
    holder = entry.holder
    return {
        "code": entry.post.code,
        "name": entry.post.name,
        "unit": entry.post.unit,
        "person": holder.person if holder else None,
        "from": holder.first.isoformat() if holder and holder.first else None,
        "portfolio": entry.portfolio,
        "points": _points(entry.points),
    }


def _points(points: Iterable[ContactPoint | Point]) -> list[dict[str, str | None]]:
    return [
        {
            "kind": one.kind,
            "value": one.value,
            "answer_mode": one.answer_mode,
            "hours": one.hours,
            "valid_from": _local(one.valid_from) if one.valid_from else None,
            "suspended": one.suspended,
        }
        for one in points
    ]


def _local(at: datetime) -> str:
    return at.astimezone(timezone.get_current_timezone()).isoformat(timespec="seconds")
