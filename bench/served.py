"""The demo city behind a server of its own, on an installation that is gone afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huying.config.postgres_setup import cluster_folder


@contextmanager
def demo() -> Iterator[tuple[int, str]]:
    """Yield the port, and what the demo said as it began: accounts, their password, tokens."""
    with tempfile.TemporaryDirectory() as home:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environ = os.environ | {"HUYING_HOME": home, "PORT": str(port)}
        server = subprocess.Popen(
            [sys.executable, "-m", "huying", "demo"], env=environ, stdout=subprocess.PIPE, text=True
        )
        try:
            yield port, _said(server)
        finally:
            server.terminate()
            server.wait()
            shutil.rmtree(cluster_folder(Path(home)), ignore_errors=True)


def _said(server: "subprocess.Popen[str]") -> str:
    said = ""
    for line in server.stdout or ():
        said += line
        if "Ctrl-C" in line:
            return said
    raise SystemExit("the demo didn't start")
