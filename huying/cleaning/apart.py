"""Cleaning in a process apart: whatever a file does to its decoder, the decoder knows nothing and ends soon."""

import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from .verdict import Clean, NotTaken, Unfit

_PATIENCE = 40  # seconds, on a machine that has more to do
_AT_ONCE = BoundedSemaphore(2)  # in each process that serves: each may take a gigabyte
_ROOT = Path(__file__).parents[2]


def cleaned(content: bytes) -> Clean:
    """Return the file made anew. Raises NotTaken; so it does for one that its cleaner didn't survive."""
    command = [sys.executable, "-W", "ignore", "-m", "huying.cleaning"]
    try:
        with _AT_ONCE:
            done = subprocess.run(
                command, input=content, capture_output=True, timeout=_PATIENCE, env={}, cwd=_ROOT, check=True
            )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as died:
        raise NotTaken(Unfit.BROKEN) from died
    if done.stdout.startswith(b"!"):
        raise NotTaken(Unfit(done.stdout[1:].decode()))
    ending, _, clean = done.stdout.partition(b"\n")
    return Clean(clean, ending.decode())
