"""没填完的反映: what somebody typed and added before sending lies sealed, to be taken up again or to go by itself.

Whoever has the token of the form, or the return code that was made for it, takes it up; each ends with the report.
"""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from django.db import transaction

from huying.rules.deciding import Refused
from huying.vault import files
from huying.vault.seals import DataKey, seal_text, secret_index, unseal_text
from huying.vault.suite import Key

from .attachments import attach_own, folder
from .models import Unfinished

LIVES = timedelta(hours=12)  # on the device alone, as long as its cookie
LIVES_WITH_CODE = timedelta(days=7)
FILES_MOST = 10
_REMEMBERED = timedelta(days=30)  # that there was one, after it has ended
_CODE_DIGITS = 12  # of all codes together some guesser must not find one
_MOST = 100_000  # characters


@dataclass(frozen=True)
class KeptFile:
    """A file that waits to be sent: where it lies, what it is called, its bytes, and by what the same is known."""

    file: str
    name: str
    size: int
    digest: str


@dataclass
class Report:
    """An unfinished report, opened."""

    token: str
    answers: dict[str, str] = field(default_factory=dict)
    files: list[KeptFile] = field(default_factory=list)
    key: Key = field(default_factory=Key.new)
    code: str = ""
    ends_at: datetime | None = None
    changed_at: datetime | None = None


class Ended(Exception):
    """There was such an unfinished report; it ended at `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


def found(token: str, at: datetime) -> Report | None:
    """Return the unfinished report of a form (one statement)."""
    row = Unfinished.objects.filter(token_index=_index(token), ends_at__gt=at).first()
    return _opened(row) if row else None


def found_by(code: str, at: datetime) -> Report | None:
    """Return the unfinished report of a return code (one statement). Raises Ended."""
    row = Unfinished.objects.filter(code_index=secret_index(code, "return code")).first()
    if row is not None and (row.ends_at <= at or row.sealed is None):
        raise Ended(row.ends_at)
    return _opened(row) if row else None


def keep(token: str, answers: dict[str, str], at: datetime) -> Report:
    """Keep what was typed so far, in place of what was kept before, unless no form of ours would hold so much."""
    with _changing(token, at) as report:
        if _fits(answers):
            report.answers = answers
    return report


def begin(token: str, answers: dict[str, str], at: datetime) -> None:
    """Keep what was typed on the first page of a report of which nothing is kept yet (one statement).

    Where another request was quicker its words stay: the next page keeps these.
    """
    if _fits(answers):
        Unfinished.objects.bulk_create([_row(Report(token, answers), at)], ignore_conflicts=True)


def _fits(answers: dict[str, str]) -> bool:
    return sum(map(len, answers.values())) <= _MOST


def return_code(token: str, at: datetime) -> Report:
    """Give a report its return code, the same one each time, and return it; its week begins anew."""
    with _changing(token, at) as report:
        report.code = report.code or "".join(secrets.choice("0123456789") for _ in range(_CODE_DIGITS))
    return report


def add_file(token: str, name: str, content: bytes, at: datetime) -> None:
    """Keep a file, sealed under a key of this report; the same one once."""
    digest = files.digest_of(content).hex()
    with _changing(token, at) as report:
        if all(one.digest != digest for one in report.files):
            stored = files.put(BytesIO(content), DataKey(0, report.key), folder())
            report.files.append(KeptFile(stored.file, name, stored.size, digest))


def drop_file(token: str, file: str, at: datetime) -> None:
    with _changing(token, at) as report:
        gone = [one for one in report.files if one.file == file]
        report.files = [one for one in report.files if one.file != file]
    _drop(gone)


def give_up(token: str) -> None:
    """Forget a report that won't be sent, or that was."""
    row = Unfinished.objects.filter(token_index=_index(token)).first()
    if row is not None:
        gone = _opened(row).files
        row.delete()
        _drop(gone)


def hand_over(token: str, case_id: int, at: datetime) -> list[str]:
    """Attach the files to the case that the report opened, then forget it; return the names of those refused."""
    with transaction.atomic():
        row = Unfinished.objects.select_for_update().filter(token_index=_index(token)).first()
        if row is None or row.sealed is None:
            return []
        report = _opened(row)
        key = DataKey(0, report.key)
        results = [
            (one.name, attach_own(case_id, one.name, b"".join(files.read(one.file, key, folder())), at))
            for one in report.files
        ]
        row.delete()
    _drop(report.files)
    return [name for name, result in results if isinstance(result, Refused)]


def forget_ended(at: datetime) -> int:
    """Empty the reports that have ended and return how many; later forget that there were any."""
    ended = list(Unfinished.objects.filter(ends_at__lte=at, sealed__isnull=False))
    for row in ended:
        gone = _opened(row).files
        Unfinished.objects.filter(pk=row.pk, ends_at__lte=at).update(sealed=None)
        _drop(gone)
    Unfinished.objects.filter(ends_at__lte=at - _REMEMBERED).delete()
    return len(ended)


@contextmanager
def _changing(token: str, at: datetime) -> Iterator[Report]:
    """Open an unfinished report, or a new one, for a change, and keep it (two statements)."""
    with transaction.atomic():
        row = Unfinished.objects.select_for_update().filter(token_index=_index(token)).first()
        if row is not None and row.ends_at <= at:
            _drop(_opened(row).files)
            row = None
        report = _opened(row) if row else Report(token)
        yield report
        columns = ["code_index", "sealed", "ends_at"]
        Unfinished.objects.bulk_create(
            [_row(report, at)], update_conflicts=True, unique_fields=["token_index"], update_fields=columns
        )


def _row(report: Report, at: datetime) -> Unfinished:
    """Return the row of a report that changes now; its time begins anew."""
    report.changed_at = at
    report.ends_at = at + (LIVES_WITH_CODE if report.code else LIVES)
    index = _index(report.token)
    return Unfinished(
        token_index=index,
        code_index=secret_index(report.code, "return code") if report.code else None,
        sealed=seal_text(_told(report), purpose=_purpose(index)),
        ends_at=report.ends_at,
    )


def _told(report: Report) -> str:
    return json.dumps(
        {
            "token": report.token,
            "answers": report.answers,
            "files": [asdict(one) for one in report.files],
            "key": b64encode(report.key.secret).decode(),
            "code": report.code,
            "at": report.changed_at.isoformat() if report.changed_at else None,
        }
    )


def _opened(row: Unfinished) -> Report:
    if row.sealed is None:
        return Report("")
    told = json.loads(unseal_text(row.sealed, purpose=_purpose(bytes(row.token_index))))
    kept = [KeptFile(**one) for one in told["files"]]
    key, changed_at = Key(b64decode(told["key"])), datetime.fromisoformat(told["at"])
    return Report(told["token"], told["answers"], kept, key, told["code"], row.ends_at, changed_at)


def _drop(gone: list[KeptFile]) -> None:
    for one in gone:
        files.drop(one.file, folder())


def _index(token: str) -> bytes:
    return secret_index(token, "unfinished report")


def _purpose(index: bytes) -> str:
    return f"unfinished:{index.hex()}"
