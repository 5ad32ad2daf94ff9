"""How a file goes out: to be saved, since nothing that somebody sent in is ever opened as a page of ours."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def saved(name: str, content: Iterable[bytes]) -> HttpResponse:
    """Return an answer that a browser saves under that name and no cache keeps."""
    answer = HttpResponse(b"".join(content), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer["Cache-Control"] = "no-store"
    return answer
