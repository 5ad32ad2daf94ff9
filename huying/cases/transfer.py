"""A post is handed over: its open cases move to the successor, and whoever acted for the old one acts no more."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import get_current_timezone

from huying.people.models import Post
from huying.people.office import end_service
from huying.rules.access import Actor, post_party
from huying.rules.commands import MovePost
from huying.rules.stages import OPEN_STAGES

from .doors import Deed, act_all
from .models import Case, CaseParty

BATCH = 100


def transfer_post(post: int, successor: int, at: datetime, actor: Actor) -> int:
    """Move what is open, and end the post's tenure and liaisons in the same transaction; return how many cases moved.

    Terms don't move, and what has ended stays with who had it: a number belongs to no person.
    """
    with transaction.atomic():
        Post.objects.select_for_update().get(id=post)
        end_service(post, at.astimezone(get_current_timezone()).date())
        open_cases, moved = Case.objects.filter(post=post, stage__in=OPEN_STAGES).order_by("id"), 0
        while ids := list(open_cases.values_list("id", flat=True)[:BATCH]):
            system = Actor(actor.id, None)
            moved += len(act_all([Deed(case, MovePost(successor), at) for case in ids], at, system))
        parties = CaseParty.objects.filter(party=post_party(post), case__stage__in=OPEN_STAGES)
        parties.update(party=post_party(successor))
    return moved
