"""Ctrl-C in a notebook: a real kernel is interrupted as the Interrupt button does, and the study ends with what it has."""

import pytest
from jupyter_client.manager import start_new_kernel

LONG = 100_000_000


@pytest.fixture
def notebook():
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def messages(client, asked):
    """The messages of a cell, until the kernel is idle again."""
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != asked:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return
        yield message


def bars(message):
    """Whether a message shows the progress bar, with runs that are done."""
    page = message["content"].get("data", {}).get("text/html", "")
    return "<progress" in page and 'value="0"' not in page


def test_interrupt_ends_a_study_in_a_notebook_with_what_it_has(notebook):
    manager, client = notebook
    asked = client.execute(f"import filas; study = filas.replicate('clinic', {LONG})")
    shown = warned = False
    for message in messages(client, asked):
        assert message["msg_type"] != "error", message["content"]
        if bars(message) and not shown:
            shown = True
            manager.interrupt_kernel()
        warned |= "InterruptedWarning" in message["content"].get("text", "")
    assert shown and warned
    asked = client.execute("print(study.interrupted, study.summary['replications'] > 0, len(study.tables['replications']) == study.summary['replications'])")
    said = "".join(message["content"].get("text", "") for message in messages(client, asked))
    assert said == "True True True\n"
    # The kernel goes on: the same study again, of as many runs, is the same.
    asked = client.execute("print(filas.replicate('clinic', study.summary['replications']).summary['measures'] == study.summary['measures'])")
    said = "".join(message["content"].get("text", "") for message in messages(client, asked))
    assert said == "True\n"
