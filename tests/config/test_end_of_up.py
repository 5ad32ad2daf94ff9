"""The end of `huying up`: nothing of it is left over, however it comes."""

import signal
import time

import pytest

from tests.config.installation import Installation, free_port, until


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGTERM,), (signal.SIGHUP,), (signal.SIGINT, signal.SIGINT, signal.SIGTERM)],
    ids=["SIGTERM", "SIGHUP", "Ctrl-C and impatience"],
)
def test_a_signal_ends_everything(installation: Installation, signals: tuple[signal.Signals, ...]) -> None:
    with installation.served(free_port()) as up:
        for number in signals:
            up.send_signal(number)
            time.sleep(0.02)
        out, err = up.communicate(timeout=30)
    assert up.returncode == 0
    assert "Traceback" not in out + err
    assert installation.processes() == []


@pytest.mark.parametrize("moment", ["when its database runs", "when its web server begins"])
def test_a_signal_while_it_starts_leaves_nothing(installation: Installation, moment: str) -> None:
    up = installation.start("up", "--port", str(free_port()))
    until(lambda: installation.processes("bin/postgres" if "database" in moment else "huying.config.web"), 20)
    up.terminate()
    out, err = up.communicate(timeout=30)
    assert "Traceback" not in out + err
    assert installation.processes() == []


def test_if_it_is_killed_its_processes_end_and_the_next_command_stops_the_database(
    installation: Installation,
) -> None:
    with installation.served(free_port()) as up:
        up.kill()
        up.communicate()
        until(lambda: not installation.processes("huying.config"), 5)
        assert installation.processes("bin/postgres") != []
        assert installation.command("ledger", "verify")[0] == 0
    assert installation.processes() == []
