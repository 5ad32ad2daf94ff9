"""Photos, recordings and papers of citizens: each made anew, or named with why it isn't taken and what helps."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.limits import Limit
from huying.cleaning.apart import cleaned
from huying.cleaning.verdict import NotTaken, Unfit
from huying.vault.files import LARGEST

from .limits import address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SENT = Limit("files sent", 60)  # from one address within an hour
_NAME_MOST = 80
_MIB = 2**20
# Safari turns its own kind of photo into JPEG only where a form asks for that.
ACCEPTED = "image/jpeg,image/png,image/webp,image/gif,image/bmp,audio/*,.mp3,.m4a,.wav,.amr,application/pdf"
TAKEN = _("照片（JPG、PNG、WebP、GIF、BMP）、录音（MP3、M4A、WAV、AMR）和 PDF，每个最大 20 MB，最多 10 个。")
_WHY = {
    Unfit.EMPTY: _("“{name}”是空的。请重新选一个"),
    Unfit.TOO_LARGE: _("“{name}”有 {n} MB，每个最大 {most} MB。照片请用手机缩小，录音请分成几段"),
    Unfit.UNKNOWN: _("“{name}”的内容不是照片、录音或 PDF。请拍照，或者存成 PDF 再传"),
    Unfit.HEIC: _("“{name}”是 HEIC 照片，打不开。请在手机的相机设置里选“兼容性最佳”再拍，或者传截屏"),
    Unfit.VIDEO: _("“{name}”是录像，现在还收不了。请从录像里截几张图来传"),
    Unfit.BROKEN: _("“{name}”打不开，可能坏了或者没有传完。请在手机上打开看看，再传一次"),
    Unfit.TOO_MANY_PIXELS: _("“{name}”的像素太多。请用手机把它缩小，或者传截屏"),
    Unfit.LOCKED: _("“{name}”有密码。请去掉密码再传，或者拍照"),
    Unfit.FILLED: _("“{name}”里有可以填的表或者批注，会丢。请用“打印成 PDF”另存再传，或者拍照"),
}


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


def files_field(label: "StrOrPromise") -> forms.FileField:
    widget = SeveralFiles(attrs={"accept": ACCEPTED})
    return forms.FileField(label=label, help_text=TAKEN, required=False, allow_empty_file=True, widget=widget)


def made_anew(request: HttpRequest, room: int, at: datetime) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Return the files of a form, clean, with their names; and of each that isn't taken, what to say about it."""
    taken: list[tuple[str, bytes]] = []
    refused: list[str] = []
    for sent in cast("Iterable[UploadedFile[Any]]", request.FILES.getlist("attached")):
        name = as_name(sent.name or "")
        if len(taken) >= room:
            refused.append(
                gettext("“{name}”没有收：最多 {n} 个，已经满了。请去掉不要的再加").format(name=name, n=room)
            )
        elif not SENT.took(address(request), at):
            refused.append(gettext("“{name}”没有收：一小时内传的太多了。请过一小时再传").format(name=name))
        else:
            try:
                taken.append(_clean(name, sent))
            except NotTaken as not_taken:
                refused.append(_said(not_taken.why, name, sent.size or 0))
    return taken, refused


def _clean(name: str, sent: UploadedFile[Any]) -> tuple[str, bytes]:
    """Return name and content; the name ends as the content is. Raises NotTaken."""
    if not sent.size:
        raise NotTaken(Unfit.EMPTY)
    if sent.size > LARGEST:
        raise NotTaken(Unfit.TOO_LARGE)
    done = cleaned(cast("IO[bytes]", sent.file).read())
    if len(done.content) > LARGEST:
        raise NotTaken(Unfit.TOO_LARGE)
    return f"{PurePath(name).stem}.{done.ending}", done.content


def _said(why: Unfit, name: str, size: int) -> str:
    return str(_WHY[why]).format(name=name, n=f"{size / _MIB:.0f}", most=LARGEST // _MIB)


def as_name(sent: str) -> str:
    """Return what somebody calls a file, without folders and what nobody sees, such as a change of direction."""
    plain = "".join(_seen(unicodedata.normalize("NFC", re.split(r"[/\\]", sent)[-1]))).strip(" .")
    stem, ending = PurePath(plain).stem[:_NAME_MOST], PurePath(plain).suffix[:10]
    return f"{stem}{ending}" or "-"


def _seen(text: str) -> Iterator[str]:
    return (sign for sign in text if not unicodedata.category(sign).startswith("C"))
