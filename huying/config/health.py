"""Whether this process lives, and whether it can do its work: for whoever starts, watches and balances processes."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse

from huying.pages.access import public


@public
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does; nothing else is asked."""
    return JsonResponse({"alive": True})


@public
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 where the database answers and has every migration that this code needs, else 503."""
    try:
        missing = _needed() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return JsonResponse({"database": False, "migrations": False}, status=503)
    return JsonResponse({"database": True, "migrations": not missing}, status=503 if missing else 200)


@cache
def _needed() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations)
