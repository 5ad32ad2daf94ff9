"""`make bench-load`: contacts per second, CPU per contact and peak memory of loading the real messages.

Each file is loaded into an empty database by the command itself, as a process of its own; the database's own CPU
is not counted. Give a folder with hot_messages.csv and replies.csv.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FILES = (("hot_messages.csv", ()), ("replies.csv", ("--with-replies",)))


def main(folder: Path) -> int:
    if not all((folder / name).is_file() for name, _ in FILES):
        print(f"no messages in {folder}: give a folder with {' and '.join(name for name, _ in FILES)}")
        return 1
    with tempfile.TemporaryDirectory() as home:
        environ = os.environ | {"HUYING_HOME": home}
        huying = [sys.executable, "-m", "huying"]
        warm = Path(home) / "one.csv"
        warm.write_text("id,body,sent_at\nwarm-up,一句话,2026-01-05 09:00\n", "utf-8")
        subprocess.run([*huying, "load", "contacts", str(warm)], env=environ, check=True, capture_output=True)
        for name, options in FILES:
            _measure([*huying, "load", "contacts", str(folder / name), *options], environ, name)
    return 0


def _measure(argv: list[str], environ: dict[str, str], name: str) -> None:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(argv, env=environ, check=True, capture_output=True, text=True)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    contacts = int(done.stdout.split(" rows read = ")[1].split(" ")[0].replace(",", ""))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{name}: {contacts:,} contacts in {wall:.1f} s = {contacts / wall:,.0f}/s,"
        f" {1000 * cpu / contacts:.2f} ms CPU each, peak {after.ru_maxrss / 1024:.0f} MB"
        f" (load average {os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
