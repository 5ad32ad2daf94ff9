"""What somebody typed survives the end of a session: it is kept, sealed, until the same user has signed in again.

Every form of ours carries a signed mark of the user it was made for. A form that comes back when the session has
ended, or with the CSRF token of an earlier one, isn't done; what it says goes into the (perhaps anonymous) session,
sealed, and the page shows it again to that user alone. A forged form has no such mark and leaves nothing.
"""

import json
from datetime import datetime, timedelta
from typing import cast

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.vault.seals import seal_text, unseal_text
from huying.vault.suite import Unreadable

_MARK, _SLOT, _PURPOSE = "by", "kept", "kept form"
_LIVES = timedelta(hours=1)
_MOST = 100_000  # characters; the longest text that the API takes is half of it


def mark(user_id: int) -> str:
    """Return what a form carries in its field `by`."""
    return Signer(salt=_PURPOSE).sign(str(user_id))


def keep(request: HttpRequest) -> bool:
    """Keep what a form of ours says, if it is one, and say so; return whether it was kept."""
    said = request.POST.dict()
    by = _owner(request.POST.get(_MARK, ""))
    if by is None or sum(map(len, said.values())) > _MOST:
        return False
    kept = {"by": by, "path": request.path, "at": now().isoformat(), "said": said}
    request.session[_SLOT] = seal_text(json.dumps(kept), purpose=_PURPOSE)
    messages.warning(request, gettext("还没有保存：登录过期了。您填的内容还在，登录以后接着办。"))
    return True


def kept(request: HttpRequest, user_id: int) -> dict[str, str] | None:
    """Return what this user typed on this page before the session ended, if that is less than an hour ago."""
    sealed = request.session.get(_SLOT)
    if sealed is None:
        return None
    try:
        found = json.loads(unseal_text(sealed, purpose=_PURPOSE))
    except Unreadable:
        return None
    fresh = now() - datetime.fromisoformat(found["at"]) < _LIVES
    if not fresh or found["by"] != user_id:
        forget(request)
        return None
    return cast(dict[str, str], found["said"]) if found["path"] == request.path else None


def forget(request: HttpRequest) -> None:
    request.session.pop(_SLOT, None)


def _owner(signed: str) -> int | None:
    try:
        return int(Signer(salt=_PURPOSE).unsign(signed))
    except (BadSignature, ValueError):
        return None
