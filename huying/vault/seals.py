"""Sealing and opening the fields of a row, blind indexes, and revealing.

A row's `SealedField`s are sealed with the data key of its chain; the associated data is table, row and field, so
that a ciphertext copied elsewhere doesn't open.
"""

import base64
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models

from .keys import installation_keys
from .models import Reveal, VaultKey
from .suite import Key

_NOT_DIALLED = re.compile(r"^\(?(?:\+|00)86|\D")


@dataclass(frozen=True, slots=True)
class DataKey:
    """The opened key of the chain `id`."""

    id: int
    key: Key

    def open(self, table: str, row_id: object, field: str, sealed: bytes) -> str:
        """Return the text that was sealed into that place. Raises Unreadable."""
        return self.key.open(bytes(sealed), f"{table}:{row_id}:{field}").decode()

    def content_hash(self, canonical: bytes) -> bytes:
        """Return the keyed hash under which a ledger line vouches for sealed and free fields."""
        return self.key.hash(canonical, "ledger content")


def take_ids(n: int) -> list[int]:
    """Return `n` new ids, unique over all tables of this installation (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('huying_id') FROM generate_series(1, %s)", [n])
        return [row[0] for row in cursor.fetchall()]


def new_key(owner: int) -> tuple[VaultKey, DataKey]:
    """Return a fresh data key and its row, not saved yet."""
    data_key = DataKey(owner, Key.new())
    return VaultKey(id=owner, wrapped=_wrap(data_key), master_number=installation_keys().master.number), data_key


def unwrap(owner: int, wrapped: bytes) -> DataKey:
    """Return the data key in `wrapped`. Raises Unreadable."""
    return DataKey(owner, Key(installation_keys().master.open(bytes(wrapped), f"vault_key:{owner}")))


def keys_of(owners: Iterable[int]) -> dict[int, DataKey]:
    """Return the data keys of `owners` (one statement); an erased one is missing."""
    return {row.id: unwrap(row.id, bytes(row.wrapped)) for row in VaultKey.objects.filter(id__in=set(owners))}


def seal(row: models.Model, key: DataKey, **texts: str | None) -> None:
    """Seal each text into the field of that name; the row's id must be set."""
    for field, text in texts.items():
        sealed = None if text is None else key.key.seal(text.encode(), _place(row, field))
        setattr(row, field, sealed)


def unseal(row: models.Model, key: DataKey, field: str) -> str | None:
    """Return the text of a sealed field. Raises Unreadable."""
    sealed = getattr(row, field)
    return None if sealed is None else key.open(row._meta.db_table, _id_of(row), field, sealed)


def reveal(row: models.Model, key: DataKey, field: str, *, actor: str, at: datetime, reason: str) -> str | None:
    """Return the text of a sealed field for a person's eyes, and log the look; the database wants a reason."""
    text = unseal(row, key, field)
    Reveal.objects.create(actor=actor, chain_id=key.id, field=_place(row, field), at=at, reason=reason.strip())
    return text


def blind_index(text: str, purpose: str) -> bytes:
    """Return the keyed hash by which an equal text is found again; NFKC, case and spaces don't matter."""
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return installation_keys().blind_index.hash(plain.encode(), purpose)


def secret_index(secret: str, purpose: str) -> bytes:
    """Return the keyed hash by which a secret of ours is recognised, to the letter."""
    return installation_keys().blind_index.hash(secret.encode(), purpose)


def phone_index(phone: str) -> bytes:
    """Return the blind index of a phone: only its digits matter, and +86 or 0086 before them doesn't."""
    return blind_index(_NOT_DIALLED.sub("", unicodedata.normalize("NFKC", phone).strip()), "phone")


def seal_text(text: str, *, purpose: str) -> str:
    """Return `text` sealed under the master key itself, as ASCII; for secrets that belong to no chain."""
    return base64.b64encode(installation_keys().master.seal(text.encode(), purpose)).decode()


def unseal_text(sealed: str, *, purpose: str) -> str:
    return installation_keys().master.open(base64.b64decode(sealed), purpose).decode()


def _wrap(data_key: DataKey) -> bytes:
    return installation_keys().master.seal(data_key.key.secret, f"vault_key:{data_key.id}")


def _place(row: models.Model, field: str) -> str:
    return f"{row._meta.db_table}:{_id_of(row)}:{field}"


def _id_of(row: models.Model) -> int:
    """Return the id under which a row's fields are sealed: the first part where the primary key has several."""
    key: int | tuple[int, object] = row.pk
    return key[0] if isinstance(key, tuple) else key
