"""A file made anew: what one sees or hears is left, and nothing that somebody had hidden or a device had noted."""

import io
import wave
import zipfile
from collections.abc import Callable

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Link

from huying.cleaning.apart import cleaned
from huying.cleaning.cleaner import clean
from huying.cleaning.verdict import NotTaken, Unfit

from .samples import CAMERA, HTML, amr, bomb, heic, m4a, mp3, pdf, photo, wav


def seen(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def refused(content: bytes) -> Unfit:
    with pytest.raises(NotTaken) as not_taken:
        clean(content)
    return not_taken.value.why


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr("run.html", HTML)
    return written.getvalue()


# -- pictures -------------------------------------------------------------------------------------------------------


def test_a_photo_with_its_place_is_stored_without_it_or_anything_else_of_its_camera() -> None:
    taken = photo()
    assert seen(taken).getexif().get_ifd(0x8825)

    kept = cleaned(taken)

    assert kept.ending == "jpg"
    assert not dict(seen(kept.content).getexif())
    assert set(seen(kept.content).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert CAMERA.encode() not in kept.content
    assert b"Exif" not in kept.content
    red, _, blue = seen(kept.content).getpixel((5, 5))  # type: ignore[misc]
    assert red > 200 > blue


def test_a_photo_that_was_held_upright_stays_upright() -> None:
    assert seen(clean(photo((80, 60), turned=6)).content).size == (60, 80)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "MPO"])
def test_every_kind_of_picture_becomes_the_same_kind(kind: str) -> None:
    kept = clean(photo(kind=kind))
    assert seen(kept.content).format == "JPEG"
    assert b"Exif" not in kept.content


def test_what_is_transparent_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(written, "PNG")
    assert seen(clean(written.getvalue()).content).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize("behind", [HTML, archive()])
def test_a_picture_that_is_something_else_too_is_a_picture_alone(behind: bytes) -> None:
    polyglot = photo(behind=behind)
    kept = clean(polyglot).content
    assert HTML not in kept
    assert not zipfile.is_zipfile(io.BytesIO(kept))


def test_a_large_photo_is_kept_legible_and_no_larger_than_that() -> None:
    width, height = seen(clean(photo((6000, 4000))).content).size
    assert 15_000_000 < width * height < 16_100_000
    assert width / height == pytest.approx(1.5, rel=0.01)


def test_a_bomb_is_not_decoded_and_one_that_lies_about_its_size_is_broken() -> None:
    assert refused(bomb()) == Unfit.TOO_MANY_PIXELS
    assert refused(bomb(300, 300)) == Unfit.BROKEN
    assert refused(photo()[:-200]) == Unfit.BROKEN


# -- recordings -----------------------------------------------------------------------------------------------------


def test_a_wave_file_keeps_its_sound_and_loses_its_tags() -> None:
    kept = clean(wav(behind=archive()))
    assert kept.ending == "wav"
    assert b"Zheng" not in kept.content
    assert not zipfile.is_zipfile(io.BytesIO(kept.content))
    with wave.open(io.BytesIO(kept.content)) as sound:
        assert sound.readframes(9999) == b"\1\2" * 800


@pytest.mark.parametrize(("made", "ending"), [(amr, "amr"), (mp3, "mp3")])
def test_only_the_frames_of_a_recording_are_kept(made: Callable[[bytes], bytes], ending: str) -> None:
    kept = clean(made(archive()))
    assert kept.ending == ending
    assert b"Zheng" not in kept.content
    assert not zipfile.is_zipfile(io.BytesIO(kept.content))
    assert kept.content == clean(made(b"")).content
    assert kept.content.count(b"s") > 1000


def test_a_phones_recording_keeps_its_sound_in_its_place_and_loses_where_it_was_made() -> None:
    taken = m4a(behind=archive())
    kept = clean(taken)
    assert kept.ending == "m4a"
    assert b"33.87" not in kept.content
    assert HTML not in kept.content
    assert kept.content.index(b"ssss") == taken.index(b"ssss")
    assert not zipfile.is_zipfile(io.BytesIO(kept.content))


def test_a_film_and_an_iphones_own_kind_of_photo_have_reasons_of_their_own() -> None:
    assert refused(m4a(b"vide")) == Unfit.VIDEO
    assert refused(heic()) == Unfit.HEIC


@pytest.mark.parametrize("content", [b"#!AMR\n" + b"\x50" * 99, b"ID3\x03\0\0\0\0\0\1x" + HTML, wav()[:30]])
def test_what_only_begins_like_a_recording_is_broken(content: bytes) -> None:
    assert refused(content) == Unfit.BROKEN


# -- PDF ------------------------------------------------------------------------------------------------------------


def test_a_pdf_keeps_its_pages_and_loses_scripts_files_author_and_the_place_of_its_photo() -> None:
    kept = clean(pdf(behind=HTML))
    assert kept.ending == "pdf"
    [page] = PdfReader(io.BytesIO(kept.content)).pages
    assert (page.cropbox.width, page.cropbox.height) == (150, 100)
    [shown] = page.images
    assert shown.image is not None
    assert shown.image.size == (80, 60)
    for gone in (b"JavaScript", b"app.alert", b"EmbeddedFile", b"run.exe", b"Zheng", b"Exif", CAMERA.encode(), HTML):
        assert gone not in kept.content, gone


def test_links_go_and_a_pdf_with_notes_or_a_password_is_not_taken() -> None:
    def linked(writer: PdfWriter) -> None:
        writer.add_annotation(0, Link(rect=(0, 0, 10, 10), url="https://example.com"))

    assert b"example.com" not in clean(pdf(linked)).content
    assert (
        refused(pdf(lambda writer: writer.add_annotation(0, FreeText(text="看这里", rect=(0, 0, 9, 9))))) == "filled"
    )
    assert refused(pdf(lambda writer: writer.encrypt("secret", algorithm="RC4-128"))) == "locked"
    assert refused(pdf()[:300]) == "broken"


# -- everything else ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"MZ" + b"\0" * 500, HTML, archive(), b"\xd0\xcf\x11\xe0 a document", b"?"])
def test_what_is_none_of_these_is_not_taken_whatever_it_is_called(content: bytes) -> None:
    assert refused(content) == Unfit.UNKNOWN
    with pytest.raises(NotTaken, match="unknown"):
        cleaned(content)


def test_what_its_cleaner_does_not_survive_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cleaning.apart._PATIENCE", 0.001)
    with pytest.raises(NotTaken, match="broken"):
        cleaned(photo())
