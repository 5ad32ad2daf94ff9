"""`make s29`: article 003's figures, counted from a register into which its contacts were generated.

On a scratch database beside the installation's own, through the same doors as everything else.
"""

import sys
import time

from huying.config.house import opened


def main() -> int:
    with opened(migrate=True):
        from django.utils.translation import override

        from huying.config.loading import progress
        from huying.config.words import language
        from huying.rehearsal.first_days import ZONE, counted, live_through
        from huying.rehearsal.scratch import scratch_database
        from huying.reports.printed import printed

        with scratch_database(), override(language()):
            began = time.perf_counter()
            live_through(progress("twenty days"))
            print("Generated: so many contacts, cases and verdicts as article 003 states; all else is invented\n")
            print(printed(counted(), ZONE))
            print(f"\ngenerated and counted in {time.perf_counter() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
