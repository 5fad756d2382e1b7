"""The background loop: order, idleness, failures, stopping."""

from __future__ import annotations

import threading
import time

from services.worker import Step, Worker


class Work:
    """A step with so much to do."""

    def __init__(self, amount: int) -> None:
        self.left = amount
        self.runs = 0

    def __call__(self) -> int:
        self.runs += 1
        did = min(1, self.left)
        self.left -= did
        return did


def test_once_ends_when_nothing_is_due() -> None:
    first, second = Work(3), Work(5)
    worker = Worker([Step(name="first", run=first), Step(name="second", run=second, own_thread=True)])
    assert worker.run_once()
    assert (first.left, second.left) == (0, 0)


def test_steps_run_in_their_order() -> None:
    order: list[str] = []
    steps = [Step(name=name, run=lambda name=name: order.append(name) or 0) for name in "abc"]  # type: ignore[misc]
    Worker(steps).run_once()
    assert order == ["a", "b", "c"]


def test_a_step_that_raises_is_counted_and_the_others_go_on() -> None:
    def broken() -> int:
        raise RuntimeError("broken")

    other = Work(2)
    worker = Worker([Step(name="broken", run=broken), Step(name="other", run=other)], idle_seconds=0.01)
    assert not worker.run_once()
    assert worker.failures["broken"] == 3
    assert other.left == 0


def test_a_step_that_failed_once_is_tried_again() -> None:
    failures = iter([True, False])

    def shaky() -> int:
        if next(failures, False):
            raise RuntimeError("shaky")
        return 0

    worker = Worker([Step(name="shaky", run=shaky)], idle_seconds=0.01)
    assert worker.run_once()
    assert worker.failures == {"shaky": 1}


def test_a_failing_step_rests_and_is_not_hammered() -> None:
    calls: list[float] = []

    def broken() -> int:
        calls.append(time.monotonic())
        raise RuntimeError("broken")

    worker = Worker([Step(name="broken", run=broken)], idle_seconds=0.001)
    thread = threading.Thread(target=worker.run)
    thread.start()
    time.sleep(0.3)
    worker.stop()
    thread.join(5)
    assert len(calls) == 1


def _calls_while_running(portion: int) -> int:
    """Return how often a step that does two at a time is run, of ten there are, within a moment of a long rest."""
    work = Work(5)

    def two() -> int:
        return 2 * work()

    worker = Worker([Step(name="two", run=two, rest_seconds=60, portion=portion)], idle_seconds=0.001)
    thread = threading.Thread(target=worker.run)
    thread.start()
    time.sleep(0.2)
    worker.stop()
    thread.join(5)
    return 5 - work.left


def test_a_step_that_did_less_than_its_portion_rests() -> None:
    assert _calls_while_running(portion=3) == 1


def test_a_step_that_did_its_whole_portion_goes_on() -> None:
    assert _calls_while_running(portion=2) == 5


def test_once_takes_no_rests() -> None:
    work = Work(3)
    assert Worker([Step(name="work", run=work, rest_seconds=60, portion=10)]).run_once()
    assert work.left == 0


def test_a_long_step_beside_delays_no_other() -> None:
    release, other = threading.Event(), Work(3)
    beside = Step(name="long", run=lambda: int(release.wait(10)), own_thread=True, stop=release.set)
    worker = Worker([beside, Step(name="other", run=other)], idle_seconds=0.01)
    thread = threading.Thread(target=worker.run)
    thread.start()
    deadline = time.monotonic() + 5
    while other.left and time.monotonic() < deadline:
        time.sleep(0.01)
    assert other.left == 0
    worker.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_stop_finishes_the_present_step() -> None:
    started, finished = threading.Event(), threading.Event()

    def step() -> int:
        started.set()
        time.sleep(0.1)
        finished.set()
        return 0

    worker = Worker([Step(name="step", run=step)])
    thread = threading.Thread(target=worker.run)
    thread.start()
    started.wait(5)
    worker.stop()
    thread.join(5)
    assert finished.is_set()


def test_a_second_signal_in_the_midst_of_the_first_ends_it_all_the_same():
    ran = []

    def step() -> int:
        # As two signals do, one upon the other, while a wait holds the lock of the event.
        with worker._stopped._cond:
            worker.stop()
            worker.stop()
        ran.append(1)
        return 0

    worker = Worker([Step(name="one", run=step)])
    thread = threading.Thread(target=worker.run)
    thread.start()
    thread.join(5)
    assert (thread.is_alive(), ran) == (False, [1])
