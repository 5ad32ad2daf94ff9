"""`make bench-pages`: SQL statements, CPU and bytes of every public page, with 100,000 cases in the register.

On an empty installation of its own: a few cases of each way are taken through the doors and copied by SQL, over a
year. Ten rounds of twenty requests of each page in turn. CPU is that of this process, as it would be at the pace of
the round that the neighbours disturbed least: a loop of plain Python before and after each tells how slow it was.
"""

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

from huying.config.house import opened
from huying.config.postgres_setup import cluster_folder

CASES = 100_000


def main() -> int:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as home:
        os.environ["HUYING_HOME"] = home
        logging.disable(logging.INFO)
        with opened(migrate=True):
            from bench.public_pages import measure

            measure(cases)
        shutil.rmtree(cluster_folder(Path(home)), ignore_errors=True)  # as root it lies elsewhere, 1.6 GB of it
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
