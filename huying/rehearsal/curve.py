"""How many people reach for a phone, day by day, after a city has published its leaders' numbers.

The shape is Bozhou's at a tenth of its volume. What is stated (亳州新闻网, 2022-03-14): 3,534 calls and SMS in the
twenty days from 8 to 27 February, many in the first five days, fewer from then on, level after the tenth; 1,577
matters of the fifteen city leaders were passed on. How steep it was is not stated: three times as many calls a day at
the beginning as at the end is our assumption. That about half of the first calls only want to know whether the number
is real is what a bureau says elsewhere (China Newsweek, 2022); the share of SMS is stated nowhere.
"""

from collections.abc import Sequence
from itertools import accumulate

DAYS = 20
CONTACTS, CASES = 353, 158  # 3,534 and 1,577, a tenth
STEEPNESS = 3.0  # calls a day at the beginning, in calls a day at the end
_OPENS_CASE = (0.40, 0.45, 0.52)  # of the contacts, how many open a case: first five days, next five, last ten


def contacts_per_day(contacts: int = CONTACTS) -> list[int]:
    """Return how many of all come in on each day: level, a straight decline from the sixth, level after the tenth."""
    high, low = STEEPNESS, 1.0
    decline = [high - (high - low) * (day - 0.5) / 5 for day in range(1, 6)]
    return _shared_out(contacts, [high] * 5 + decline + [low] * 10)


def cases_per_day(cases: int = CASES, contacts: int = CONTACTS) -> list[int]:
    """Return how many of a day's contacts open a case."""
    first, next_, last = _OPENS_CASE
    shares = [first] * 5 + [next_] * 5 + [last] * 10
    return _shared_out(
        cases, [share * count for share, count in zip(shares, contacts_per_day(contacts), strict=True)]
    )


def _shared_out(whole: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to the weights; their sum is `whole`, whatever the rounding of each."""
    scale = whole / sum(weights)
    ends = [round(scale * reached) for reached in accumulate(weights)]
    return [end - before for before, end in zip([0, *ends], ends, strict=False)]
