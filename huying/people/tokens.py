"""令牌: tokens with which programs act. Their secrets are shown once and found again by a keyed hash alone."""

import secrets
from datetime import datetime

from django.db.models import QuerySet

from huying.rules.access import Role
from huying.vault.seals import secret_index

from .models import ApiToken, Post, Unit

_PURPOSE = "api token"
PREFIX = "hy_"  # so that a scanner of leaked secrets can tell what it found


def issue_token(name: str, role: Role, at: datetime, *, unit: Unit | None = None, post: Post | None = None) -> str:
    """Make a token and return its secret, which nobody can read again. Raises IntegrityError for a used name."""
    secret = PREFIX + secrets.token_urlsafe(32)
    digest = secret_index(secret, _PURPOSE)
    ApiToken.objects.create(name=name, role=role, unit=unit, post=post, digest=digest, created_at=at)
    return secret


def revoke_token(name: str, at: datetime) -> bool:
    """End a token for good; return False if there is none of that name. A new one may then bear the name."""
    return ApiToken.objects.filter(name=name, revoked_at=None).update(revoked_at=at) == 1


def tokens_of(secret: str) -> QuerySet[ApiToken]:
    """Return the living token whose secret this is, or none, for a query to go on from."""
    return living_tokens().filter(digest=secret_index(secret, _PURPOSE))


def living_tokens() -> QuerySet[ApiToken]:
    return ApiToken.objects.select_related("unit", "post").filter(revoked_at=None)
