"""Photos, recordings and papers: added to a report or to one's own case, sealed, clean, once; or told what to do."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from huying.cases import unfinished
from huying.cases.attachments import attach, folder, opened_file
from huying.cases.limits import Limit
from huying.cases.models import Act, Case, Contact, Unfinished
from huying.cases.verification import broken_entries
from huying.vault.files import LARGEST
from tests.builders import NOW, PHONE, clerk
from tests.cleaning.samples import CAMERA, HTML, bomb, m4a, photo, wav
from tests.pages.public.city import ANSWERS, TOKEN, found, hidden, receipt_of, send
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
REPORT = "/report/"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    found()
    return tmp_path


def add(*sent: tuple[str, bytes], go: str = "files", client: Client | None = None, **changed: Any) -> str:
    files = [SimpleUploadedFile(name, content) for name, content in sent]
    answer = (client or browser()).post(REPORT, {**ANSWERS, "step": "files", "go": go, "attached": files, **changed})
    assert answer.status_code == 200
    return answer.content.decode()


def on_disk() -> list[Path]:
    return [path for path in folder().rglob("*") if path.is_file()]


def attached() -> list[tuple[str, bytes]]:
    """Return what staff open: name and content of the files of the only case."""
    number, opened = Case.objects.get().number, []
    for act in Act.objects.filter(verb="attach").order_by("id"):
        one = opened_file(number, act.id, clerk(), NOW + timedelta(minutes=1))
        assert one is not None
        opened.append((one[0], b"".join(one[1])))
    return opened


# -- with a report --------------------------------------------------------------------------------------------------


def test_a_photo_with_its_place_reaches_the_case_without_it() -> None:
    html = add(("楼道.jpg", photo()), ("录音.m4a", m4a()))
    assert "楼道.jpg" in words(html)
    assert "楼道.jpg" in words(send(browser(), "check"))

    send(browser(), "send", agree="on")

    (name, kept), (second, _) = attached()
    assert (name, second) == ("楼道.jpg", "录音.m4a")
    assert not dict(Image.open(io.BytesIO(kept)).getexif())
    assert CAMERA.encode() not in kept
    assert list(broken_entries()) == []
    assert Act.objects.filter(verb="attach").values_list("actor", flat=True)[0] == "citizen"


def test_before_it_is_sent_a_file_lies_sealed_and_no_name_of_it_in_the_clear() -> None:
    add(("楼道.jpg", photo()))
    [path] = on_disk()
    assert b"JFIF" not in path.read_bytes()
    row = Unfinished.objects.get()
    assert "楼道" not in (row.sealed or "")
    assert path.name not in (row.sealed or "")
    assert TOKEN.encode() not in bytes(row.token_index)


def test_sending_twice_attaches_once_and_leaves_nothing_behind() -> None:
    add(("楼道.jpg", photo()), ("楼道副本.jpg", photo()))
    first = receipt_of(send(browser(), "send", agree="on"))
    assert receipt_of(send(browser(), "send", agree="on")) == first
    assert len(attached()) == len(on_disk()) == 1
    assert not Unfinished.objects.exists()


def test_the_other_button_takes_the_chosen_files_too() -> None:
    assert "怎么联系您" in words(add(("a.wav", wav()), go="you"))
    assert "a.wav" in words(send(browser(), "check"))


def test_a_file_can_be_taken_away_again() -> None:
    html = add(("楼道.jpg", photo()), ("a.wav", wav()))
    first = html.split('name="drop" value="')[1].split('"')[0]
    again = browser().post(REPORT, {**hidden(html), "step": "files", "drop": first}).content.decode()
    assert "楼道.jpg" not in again
    assert "a.wav" in again
    assert len(on_disk()) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("大.jpg", b"\xff\xd8\xff" + bytes(25 * 2**20), "“大.jpg”有 25 MB，每个最大 20 MB。照片请用手机缩小"),
        ("发票.jpg", b"MZ\x90\0 an exe", "“发票.jpg”的内容不是照片、录音或 PDF。请拍照，或者存成 PDF 再传"),
        ("小.png", bomb(), "“小.png”的像素太多。请用手机把它缩小"),
        ("空.jpg", b"", "“空.jpg”是空的。请重新选一个"),
        ("录像.mp4", m4a(b"vide"), "“录像.mp4”是录像"),
        ("坏.jpg", photo()[:-300], "“坏.jpg”打不开"),
    ],
)
def test_what_is_not_taken_is_named_with_what_to_do_and_nothing_is_lost(name: str, content: bytes, says: str) -> None:
    html = add((name, content), ("楼道.jpg", photo()), go="you")
    assert says in words(html)
    assert html.count(says) == 2
    assert "<title>错误：" in html
    assert hidden(html)["text"] == ANSWERS["text"]
    assert hidden(html)["phone"] == PHONE
    assert "楼道.jpg" in words(html)
    assert len(on_disk()) == 1


def test_a_script_in_a_name_is_text_and_a_name_shows_what_it_is() -> None:
    html = add(('<script>alert(1)</script>"x.jpg', photo()), ("../../etc/pas\u202egpj.swd", photo((9, 9))))
    assert "<script>" not in html
    send(browser(), "send", agree="on")
    names = [name for name, _ in attached()]
    assert names[1] == "pasgpj.jpg"
    assert all(name.endswith(".jpg") and "/" not in name for name in names)


def test_a_picture_that_is_a_page_too_is_a_picture_alone() -> None:
    add(("x.jpg", photo(behind=HTML)))
    send(browser(), "send", agree="on")
    assert HTML not in attached()[0][1]


def test_more_than_ten_files_are_not_taken_and_named() -> None:
    some = [(f"{n}.wav", wav(bytes((n,)) * 4)) for n in range(11)]
    html = add(*[(name, photo((n + 2, 2))) for n, (name, _) in enumerate(some)])
    assert "“10.wav”没有收：最多 10 个" in words(html)
    assert len(on_disk()) == unfinished.FILES_MOST


def test_too_many_files_from_one_address_are_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.pages.public.files.SENT", Limit("files sent", 1))
    html = add(("a.jpg", photo()), ("b.jpg", photo((9, 9))))
    assert "“b.jpg”没有收：一小时内传的太多了" in words(html)
    assert len(on_disk()) == 1


def test_a_form_without_its_protection_keeps_no_file() -> None:
    client = Client(enforce_csrf_checks=True)
    sent = {**ANSWERS, "step": "files", "attached": SimpleUploadedFile("a.jpg", photo())}
    assert client.post(REPORT, sent).status_code == 403
    assert not on_disk()
    assert not Unfinished.objects.exists()


# -- to one's own case ----------------------------------------------------------------------------------------------


def own(*sent: tuple[str, bytes], text: str = "", seen: str = "9") -> str:
    case = Case.objects.get()
    files = [SimpleUploadedFile(name, content) for name, content in sent]
    carried = {"number": case.number, "code": CODE[0], "digits": PHONE[-4:], "do": "add", "seen": seen, "text": text}
    return browser().post("/track/", {**carried, "attached": files}).content.decode()


CODE: list[str] = []


@pytest.fixture
def registered() -> None:
    CODE[:] = [receipt_of(send(browser(), "send", agree="on"))[1]]


@pytest.mark.usefixtures("registered")
def test_photos_are_added_to_ones_own_case_with_or_without_words_and_once() -> None:
    assert "记下了" in words(own(("楼道.jpg", photo())))
    assert "记下了" in words(own(("楼道.jpg", photo()), text="又停了", seen="10"))
    [(name, kept)] = attached()
    assert name == "楼道.jpg"
    assert b"Exif" not in kept
    assert Contact.objects.count() == 2


@pytest.mark.usefixtures("registered")
def test_what_was_sent_is_listed_and_opened_by_nobody_but_its_sender() -> None:
    own(("楼道.jpg", photo()), text="又停了")
    case, act = Case.objects.get(), Act.objects.get(verb="attach")
    carried = {"number": case.number, "code": CODE[0], "digits": PHONE[-4:]}
    listed = words(browser().post("/track/", carried).content.decode())
    assert re.search("您说过、交过的 您反映的 .*电梯停了五天.*又停了.*打开 楼道.jpg", listed)
    sent = browser().post("/track/", {**carried, "file": str(act.id)})
    assert (sent["Content-Type"], sent["Cache-Control"]) == ("application/octet-stream", "no-store")
    assert [("楼道.jpg", sent.content)] == attached()
    attach(case.id, "proof_of_handling", "单位.jpg", io.BytesIO(photo((9, 9))), NOW, clerk())
    theirs = Act.objects.exclude(id=act.id).get(verb="attach")
    for wanted in (str(theirs.id), "0", "x", "\0"):
        answer = browser().post("/track/", {**carried, "file": wanted})
        assert "单位.jpg" not in answer.content.decode()
        assert "attachment" not in answer.headers.get("Content-Disposition", "")
    wrong = browser().post("/track/", {**carried, "digits": "9999", "file": str(act.id)})
    assert "对不上" in words(wrong.content.decode())


@pytest.mark.usefixtures("registered")
def test_a_file_that_is_not_taken_is_named_on_the_track_page_and_the_words_stay() -> None:
    html = own(("a.exe", b"MZ"), ("好.jpg", photo()), text="又停了")
    assert "“a.exe”的内容不是照片" in words(html)
    assert "又停了</textarea>" in html
    assert Contact.objects.count() == 1
    assert not on_disk()


@pytest.mark.usefixtures("registered")
def test_neither_words_nor_files_is_nothing_to_add() -> None:
    assert "请写要补充什么，或者选照片" in words(own())


def test_what_comes_in_is_kept_no_further_than_shows_that_it_is_too_large() -> None:
    html = add(("大.jpg", bytes(LARGEST + 1)))
    assert "“大.jpg”有 20 MB" in words(html)
    assert page(browser(), REPORT)


def test_what_nobody_sends_goes_with_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    add(("楼道.jpg", photo()))
    assert unfinished.forget_ended(NOW + timedelta(hours=11)) == 0
    assert unfinished.forget_ended(NOW + timedelta(hours=12)) == 1
    assert not on_disk()
    set_clock(monkeypatch, NOW + timedelta(hours=13))
    assert "楼道.jpg" not in send(browser(), "files")
