"""What the records of a case say, opened: one statement for all of them, whatever their tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from json import loads
from typing import Any

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from huying.rules.masking import mask_id_number, mask_name, mask_phone, mask_text
from huying.vault.fields import SealedField
from huying.vault.seals import DataKey
from huying.written import Written

from .models import (
    Acknowledgement,
    Act,
    Answer,
    Assignment,
    Callback,
    Case,
    CaseRecord,
    Contact,
    ContactRecord,
    Record,
    Recount,
    Report,
    Review,
    SupervisionAction,
    Verdict,
)
from .records import RECORD_OF_TABLE, sealed_fields


@dataclass(frozen=True, slots=True)
class Said:
    """What one record of a case says: its word (method, outcome, verdict, result) and its texts, opened.

    `moved` names the terms that a calendar moved, each with `step`, `from` and `to` (ISO 8601). Of an act the word is
    its verb, and `facts` what is plain in it; what its texts say of the requester is masked.
    """

    table: str
    word: str | None
    texts: Mapping[str, str]
    moved: Sequence[Mapping[str, str]] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_act(self) -> bool:
        return self.table == _ACT

    @property
    def listed(self) -> str | None:
        """The method, outcome, verdict or result that it says, whoever recorded it for whom."""
        return self.facts.get("method", self.facts.get("outcome")) if self.is_act else self.word


# Per kind of record the column that holds its word, or what moved; an assignment's unit stands in its ledger line.
_WORDS: dict[type[CaseRecord | Contact], str | Coalesce | None] = {
    Assignment: None,
    Acknowledgement: None,
    ContactRecord: "method",
    Report: "outcome",
    Review: None,
    Callback: "result",
    Verdict: "verdict",
    SupervisionAction: Coalesce("action", "flag"),
    Recount: "moved",
    Answer: None,
}
_ACT = Act._meta.db_table
_SEALED = 4  # the most sealed fields that a record has


def said_in(case: Case, key: DataKey | None, *, whole: bool = False) -> dict[int, Said]:
    """Return what the records of a case say, by id: one statement.

    `whole` is for the requester: with what the contacts said, and nothing masked.
    """
    found = (_with_contacts if whole else _records).tuples(case.id)
    return {row_id: _opened(key, table, row_id, word, sealed, whole=whole) for table, row_id, word, *sealed in found}


def _union(case: int, words: Mapping[type[Any], str | Coalesce | None]) -> QuerySet[Any, tuple[Any, ...]]:
    """Return rows of the same shape, whatever their tables."""
    parts = [_shape(model, word, model._default_manager.filter(case=case)) for model, word in words.items()]
    acts = _shape(Act, JSONObject(verb="verb", facts="facts"), Act.objects.filter(chain=case))
    return acts.union(*parts, all=True)


_records: Written[Any] = Written(lambda case: _union(case, _WORDS))
_with_contacts: Written[Any] = Written(lambda case: _union(case, {**_WORDS, Contact: None}))


def said_in_acts(chain: int, key: DataKey | None) -> dict[int, Said]:
    """Return what was done about a contact that isn't a case, by id (one statement)."""
    acts = _shape(Act, JSONObject(verb="verb", facts="facts"), Act.objects.filter(chain=chain))
    return {row_id: _opened(key, table, row_id, word, sealed) for table, row_id, word, *sealed in acts}


def _shape(
    model: type[Record], word: str | Coalesce | JSONObject | None, rows: QuerySet[Any]
) -> QuerySet[Any, tuple[Any, ...]]:
    sealed = [F(name) for name in sealed_fields(model)]
    nothing = Cast(Value(None), SealedField(null=True))
    return rows.values_list(
        Value(model._meta.db_table, output_field=TextField()),
        "id",
        Cast(word or Value(None), TextField()),
        *sealed,
        *[nothing] * (_SEALED - len(sealed)),
    )


def _opened(
    key: DataKey | None,
    table: str,
    row_id: int,
    word: str | None,
    sealed: Sequence[bytes | None],
    *,
    whole: bool = False,
) -> Said:
    model = RECORD_OF_TABLE[table]
    fields = zip(sealed_fields(model), sealed, strict=False)
    texts = {name: key.open(table, row_id, name, value) for name, value in fields if key and value is not None}
    if model is Act:
        act = loads(word or "{}")
        return said_by(act["verb"], act["facts"], loads(texts.get("words", "{}")), whole=whole)
    return Said(table, None, texts, loads(word or "[]")) if model is Recount else Said(table, word, texts)


# -- what an act says ------------------------------------------------------------------------------------------------

# What is told of a requester, as everybody reads it who sees the case; other texts show no number.
_MASKS: Mapping[str, Callable[[str], str]] = {
    "contact_phone": mask_phone,
    "name": mask_name,
    "contact_name": mask_name,
    "id_number": mask_id_number,
    "home_address": lambda _said: "***",
    "work_unit": lambda _said: "***",
}


def said_by(verb: str, facts: Mapping[str, Any], words: Mapping[str, Any], *, whole: bool = False) -> Said:
    """Return what an act says; the fields of a completion by `fields.` and their names."""
    given = words.get("fields", {}).items()
    told = {f"fields.{name}": said if whole else _masked(name, said) for name, said in given}
    texts = {name: said for name, said in words.items() if name != "fields"} | told
    if verb == "correct" and "value" in texts:
        texts["value"] = _masked(facts.get("field", ""), texts["value"])
    return Said(_ACT, verb, texts, facts=facts)


def _masked(name: str, said: str) -> str:
    return _MASKS.get(name, mask_text)(said)
