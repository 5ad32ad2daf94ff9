"""`make bench-reads`: how long public pages take while sixteen clients post, as a multiple of their quiet time.

On the demo city behind its own server; the clients are a process of their own, on the same machine. Every page is
read in turn, quiet and beside the posts, so that whatever else the machine does falls on both.
"""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict

from bench.served import demo

CLIENTS, ROUNDS, QUIET, POSTING = 16, 5, 2.0, 6.0
PAGES = ("/", "/report/", "/track/", "/directory/", "/directory/mayor/", "/rules/", "/check/", "/figures.json")
CONTACT = {"channel": "phone_mobile", "kind": "problem", "from": "0500-555 0199", "text": "路灯不亮，已经三天"}


def main() -> int:
    with demo() as (port, said):
        token = re.search(r"office +(hy_\S+)", said)
        if token is None:
            raise SystemExit("the demo named no token")
        _measure(port, token[1])
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


def _measure(port: int, token: str) -> None:
    quiet: dict[str, list[float]] = defaultdict(list)
    beside: dict[str, list[float]] = defaultdict(list)
    posted = 0
    _read(port, QUIET, defaultdict(list))  # what each process reads once
    for _ in range(ROUNDS):
        _read(port, QUIET, quiet)
        posts = subprocess.Popen(
            [sys.executable, "-m", "bench.reads", str(port), token], stdout=subprocess.PIPE, text=True
        )
        time.sleep(1)  # until all of them post
        _read(port, POSTING - 2, beside)
        posted += int(posts.communicate()[0])
    print(f"{CLIENTS} clients posted {posted / (ROUNDS * POSTING):.0f} contacts/s")
    for path in PAGES:
        one, other = (1000 * statistics.median(times[path]) for times in (quiet, beside))
        print(f"{path:18} {one:7.1f} ms quiet {other:8.1f} ms beside {other / one:5.1f} times")


def _read(port: int, seconds: float, into: dict[str, list[float]]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for path in PAGES:
            since = time.perf_counter()
            assert _asked(port, "GET", path) == 200, path
            into[path].append(time.perf_counter() - since)


def _asked(port: int, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _post(port: int, token: str) -> int:
    """Have all clients post for a while, each as soon as it was answered; return how many were taken in."""
    until, taken = time.monotonic() + POSTING, [0] * CLIENTS

    def client(n: int) -> None:
        while time.monotonic() < until:
            key = f"{os.getpid()}-{n}-{taken[n]}"
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "application/json"}
            assert _asked(port, "POST", "/api/v1/contacts", json.dumps(CONTACT), headers) == 201
            taken[n] += 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(taken)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(_post(int(sys.argv[1]), sys.argv[2]))
    else:
        sys.exit(main())
