"""The notebooks of the guide run from the first cell to the last, in a real kernel: what they print is what they show, and
every picture is there. `FILAS_GUIDE=write` writes them anew."""

import base64
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "docs/notebooks"
NAMES = ["line-designer", "planner", "sre", "teacher"]


def printed(cell):
    """What a cell prints."""
    return "".join(output.text for output in cell.get("outputs", []) if output.output_type == "stream" and output.name == "stdout")


def pictures(cell):
    """The pictures under a cell, as bytes."""
    shown = [output.data for output in cell.get("outputs", []) if "data" in output]
    return [base64.b64decode(data["image/png"]) for data in shown if "image/png" in data]


def heads(cell):
    """The heads of reports under a cell."""
    shown = [output.data for output in cell.get("outputs", []) if "data" in output]
    return [data["text/html"] for data in shown if 'class="filas"' in data.get("text/html", "")]


def without_bars(cell):
    """A cell without the places where progress was shown, which are empty when the work is done."""
    kept = [output for output in cell.get("outputs", []) if output.get("data", {}).get("text/html") != ""]
    # Warnings of packages are on stderr, and differ from place to place.
    cell["outputs"] = [output for output in kept if output.get("name") != "stderr"]
    return cell


def test_there_is_a_notebook_for_each_kind_of_user():
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_shows_what_it_holds(name, tmp_path):
    path = FOLDER / f"{name}.ipynb"
    held = nbformat.read(path, 4)
    run = nbformat.read(path, 4)
    for cell in run.cells:
        if cell.cell_type == "code":
            cell["outputs"] = []
    NotebookClient(run, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    codes = [without_bars(cell) for cell in run.cells if cell.cell_type == "code"]
    if os.environ.get("FILAS_GUIDE") == "write":
        for cell in codes:
            cell["metadata"] = {}
        run.metadata.pop("widgets", None)
        run.metadata["language_info"] = held.metadata["language_info"]
        nbformat.write(run, path)
        held = run
    drawn = 0
    for ran, kept in zip(codes, (cell for cell in held.cells if cell.cell_type == "code"), strict=True):
        assert printed(ran) == printed(kept), ran.source
        # A run of more than ten seconds is not made again for the head of its report.
        assert len(heads(ran)) == len(heads(kept)), ran.source
        for one, other in zip(heads(ran), heads(kept)):
            assert one == other or "cards" not in one, ran.source
        assert len(pictures(ran)) == len(pictures(kept)), ran.source
        if "plt.subplots" in ran.source:
            # A drawing compresses to some kilobytes, an empty frame to far less.
            assert [len(picture) > 5_000 for picture in pictures(ran)] == [True], ran.source
            drawn += 1
    assert drawn >= 2
    words = " ".join(cell.source for cell in held.cells if cell.cell_type == "markdown")
    assert re.search(r"^# ", words, re.M) and "The question" in words or "Why" in words
