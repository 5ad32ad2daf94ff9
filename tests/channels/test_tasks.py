"""The worker's jobs: a message ends once, and the job of a worker that was killed goes to another."""

from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.cases.models import Clock, Delivery, Message
from huying.channels.tasks import deliver, look_over
from huying.config.postgres import Urls
from huying.people.models import Office
from tests.builders import NOW, received


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.channels.tasks.now", lambda: NOW + timedelta(hours=3))


def work(queue: str) -> None:
    """Have a worker do what waits in a queue, and stop."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False, queues=[queue])


@pytest.mark.django_db
@pytest.mark.parametrize("is_demo", [False, True])
def test_what_no_channel_sends_ends_on_the_page_that_number_and_code_open(noon: None, is_demo: bool) -> None:
    received()
    Office.objects.update(is_demo=is_demo)
    message = Message.objects.get()
    assert message.delivery == Delivery.QUEUED

    deliver([message.id])

    message.refresh_from_db()
    assert (message.delivery, message.ended_at) == ("shown", NOW + timedelta(hours=3))


@pytest.mark.django_db
def test_a_job_that_runs_twice_changes_no_message_that_has_ended(noon: None) -> None:
    received()
    Message.objects.update(delivery=Delivery.SENT.value, ended_at=NOW)

    deliver(list(Message.objects.values_list("id", flat=True)))

    assert set(Message.objects.values_list("delivery", "ended_at")) == {("sent", NOW)}


@pytest.mark.django_db
def test_a_job_ends_its_own_messages_alone(noon: None) -> None:
    received()
    received()
    mine, other = Message.objects.order_by("id")

    deliver([mine.id])

    assert list(Message.objects.order_by("id").values_list("delivery", flat=True)) == ["shown", "queued"]
    assert other.delivery == "queued"


def test_a_worker_ends_the_message_of_a_committed_case(own_database: Urls) -> None:
    received()

    work("send")

    assert Message.objects.get().delivery == "shown"
    assert ProcrastinateJob.objects.get(task_name="deliver").status == "succeeded"


def test_the_job_of_a_killed_worker_is_given_to_another(own_database: Urls) -> None:
    received()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        [dead] = cursor.fetchone() or [None]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [dead])

    app.configure_task("retry_stalled", queue="bulk").defer(timestamp=0)
    work("bulk")
    work("send")

    assert Message.objects.get().delivery == "shown"


def test_every_periodic_job_bears_a_name_and_a_lock() -> None:
    periodic = {task.task.name: task.task.queueing_lock for task in app.periodic_registry.periodic_tasks.values()}

    assert periodic == {
        name: name for name in ("retry_stalled", "forget_keys", "forget_unfinished", "forget_tries", "look_over")
    }


@pytest.mark.django_db
def test_each_night_the_log_says_how_much_is_stuck_and_never_which(caplog: pytest.LogCaptureFixture) -> None:
    case = received()
    Clock.objects.update(void_at=NOW)

    look_over(0)

    [said] = caplog.messages
    assert said.startswith("stuck: no_clock 1")
    assert case.number is not None
    assert case.number not in said


@pytest.mark.django_db
def test_a_night_in_which_nothing_is_stuck_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    look_over(0)

    assert caplog.messages == []
