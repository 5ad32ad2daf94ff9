"""Dates as the desk reads them: `10-08 周四 24:00`, the year only when it isn't this one.

Zone and today are arguments: nothing here reads the clock. The order of day and month follows the active
language; the names of the days come from Django's catalogs and ours (zh_Hans says 周四, not 星期四).
"""

from datetime import date, datetime, timedelta, tzinfo

from django.utils.dateformat import format as date_text
from django.utils.translation import pgettext

A_MOMENT = timedelta(microseconds=1)


def day(on: date, today: date) -> str:
    """Return `10-08 周四`, in English `Thu 8 Oct`; another year than today's is written out."""
    if on.year == today.year:
        return date_text(on, pgettext("date format, this year", "m-d D"))
    return date_text(on, pgettext("date format, another year", "Y-m-d D"))


def instant(at: datetime, today: date, zone: tzinfo) -> str:
    """Return `10-08 周四 09:05`, the moment seen in the zone."""
    local = at.astimezone(zone)
    return f"{day(local.date(), today)} {local:%H:%M}"


def due_day(due_at: datetime, zone: tzinfo) -> date:
    """Return the last day on which the term can still be kept: at 00:00 that is the day before."""
    return (due_at.astimezone(zone) - A_MOMENT).date()


def due_instant(due_at: datetime, today: date, zone: tzinfo) -> str:
    """Return the end of a term: 2026-10-09 00:00 is `10-08 周四 24:00`, never 00:00 of the next day."""
    local = due_at.astimezone(zone)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return instant(due_at, today, zone)
    return f"{day(due_day(due_at, zone), today)} 24:00"
