"""`huying ledger verify`: the first broken entry of each chain, and exit status 1 if there is one."""

from tqdm import tqdm

from huying.cases.verification import broken_entries, count_chains
from huying.ledger.models import LedgerLine


def verify() -> int:
    chains, lines = count_chains(), LedgerLine.objects.count()
    with tqdm(total=chains, unit=" chains", desc="Ledger", disable=None, leave=False) as bar:
        broken = list(broken_entries(bar.update))
    for entry in broken:
        print(f"BROKEN {entry}")
    print(f"ledger: {lines:,} lines in {chains:,} chains, " + (f"{len(broken):,} broken" if broken else "all hold"))
    return 1 if broken else 0
