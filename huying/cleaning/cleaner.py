"""The process that makes a file anew, from its standard input to its standard output: `python -m huying.cleaning`."""

import resource
import sys

from . import papers, pictures, sounds
from .verdict import Clean, NotTaken, Unfit

_MEMORY = 1 << 30  # bytes
_SECONDS = 20  # of the processor


def clean(content: bytes) -> Clean:
    """Return the file made anew. Raises NotTaken."""
    if pictures.is_picture(content):
        return pictures.drawn_anew(content)
    if content.startswith(papers.BEGINNING):
        return papers.rewritten(content)
    recording = sounds.sound(content)
    if recording is None:
        raise NotTaken(Unfit.UNKNOWN)
    return recording


def main() -> None:
    """Write how names end, a line break and the clean content; or an exclamation mark and why there is none."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        done = clean(sys.stdin.buffer.read())
    except NotTaken as not_taken:
        sys.stdout.write(f"!{not_taken.why}")
    else:
        sys.stdout.buffer.write(done.ending.encode() + b"\n" + done.content)
