"""`make bench-loop`: what a command costs through door 2, and how many terms a sweep lets pass in a second.

On an empty installation of its own, under the rulebook of Bozhou. Each command is a transaction of its own. A swept
term includes all that follows from it: row, clock, record, ledger line, message and job. CPU is that of this process;
the database's own is not counted.
"""

import logging
import os
import sys
import tempfile

from huying.config.house import opened


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ["HUYING_HOME"] = home
        logging.disable(logging.INFO)
        with opened(migrate=True):
            from bench.acts import measure

            measure()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
