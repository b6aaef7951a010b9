"""Calls let other threads run, Ctrl-C ends them with what they have, and threads call side by side."""

import multiprocessing
import os
import signal
import threading

import filas
import pytest

LONG = 100_000_000


def interrupt_when(is_due):
    """Sends SIGINT to this process once `is_due` says so; other threads run meanwhile, or it would not come to it."""
    # A shell has its background jobs ignore SIGINT, and so would these tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    due = threading.Event()

    def progress_seen(done, wanted):
        if is_due(done):
            due.set()

    def send():
        due.wait()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    return progress_seen, thread


def test_ctrl_c_ends_a_study_with_what_it_has(monkeypatch):
    seen, thread = interrupt_when(lambda done: done >= 3)

    class Bar:
        show = staticmethod(seen)

        def end(self):
            pass

    monkeypatch.setattr(filas._call, "_bar", lambda wanted: Bar())
    with pytest.warns(filas.InterruptedWarning):
        result = filas.replicate("clinic", LONG)
    thread.join()
    monkeypatch.undo()
    assert result.interrupted and result.summary["interrupted"] and not result.goal_met
    n = result.summary["replications"]
    assert 3 <= n < LONG
    whole = filas.replicate("clinic", n)
    assert whole.summary["measures"] == result.summary["measures"]
    assert len(result.tables["replications"]) == n


def test_ctrl_c_ends_a_run_with_what_it_has(monkeypatch):
    seen, thread = interrupt_when(lambda done: True)

    class Bar:
        show = staticmethod(seen)

        def end(self):
            pass

    monkeypatch.setattr(filas._call, "_bar", lambda wanted: Bar())
    with pytest.warns(filas.InterruptedWarning):
        result = filas.run("clinic", engine="inline", set={"horizon.customers": LONG})
    thread.join()
    assert 0 < result["customers.departed"] < LONG
    with pytest.raises(filas.RunError, match="tables=True"):
        result.tables
    assert "customers" in result._repr_html_().lower()


def test_threads_call_side_by_side():
    alone = [filas.run("clinic", seed=seed).json for seed in range(4)]
    found = [None] * 4

    def one(seed):
        found[seed] = filas.run("clinic", seed=seed).json

    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == alone


def test_the_interpreter_is_free_while_a_study_runs():
    turns = 0
    ended = threading.Event()

    def count():
        nonlocal turns
        while not ended.is_set():
            turns += 1

    thread = threading.Thread(target=count)
    thread.start()
    filas.replicate("clinic", 20)
    ended.set()
    thread.join()
    # With the lock held, it would have had no turn but before and after.
    assert turns > 1000


def digest(seed):
    return filas.replicate("clinic", 3, seed=seed).digest


def test_processes_that_are_forked_call_as_their_parent_does():
    alone = [digest(seed) for seed in range(3)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(digest, range(3)) == alone
