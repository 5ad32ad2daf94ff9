"""The privacy notice has a version, and a changed sentence makes another one."""

import hashlib

from django.utils.translation import override

from huying.pages.public import privacy

# Append; never change a line: contacts refer to it.
NOTICES = {"1": "1ca381b0c9b84ef4", "2": "4dde27df6746aa8c"}


def test_a_changed_notice_has_a_new_version() -> None:
    with override("zh-hans"):
        text = "\n".join(map(str, privacy.SENTENCES))
    assert NOTICES[privacy.VERSION] == hashlib.sha256(text.encode()).hexdigest()[:16]
