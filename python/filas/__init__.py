"""Service systems simulated as real concurrent actors: customers at the stages of a line or the stations of a
network, requests at a desk of attendants.

    >>> import filas
    >>> result = filas.run("clinic")
    >>> result["waiting.mean"]
    20.319105068868687

A scenario is the path of a scenario file, the name of a shipped one (`filas new` at a shell lists them), the text
of a scenario file, or a dict of its keys. Results are those of the command `filas`, to the bit, and so are errors.
Every function lets other threads run, and Ctrl-C ends a run or a study with what it has.

Every function takes further options of its command by their names, with `_` for `-`: `max_actors=100` is
`--max-actors 100`, True is an option without a value, a list repeats it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import _call
from ._call import Scenario
from ._errors import Error, InterruptedWarning, RunError, ScenarioError, ScenarioWarning
from ._filas import Table
from ._results import Document, Result, Tables, page

__all__ = [
    "Document",
    "Error",
    "InterruptedWarning",
    "Result",
    "RunError",
    "Scenario",
    "ScenarioError",
    "ScenarioWarning",
    "Table",
    "Tables",
    "check",
    "compare",
    "find",
    "order",
    "replicate",
    "report",
    "run",
    "sweep",
    "theory",
]


def run(
    scenario: Scenario = "desk",
    *,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    engine: str = "auto",
    tables: bool | str = False,
    events: bool = False,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    **options: Any,
) -> Result:
    """Runs a scenario once.

    Args:
        scenario: a path, the name of a shipped scenario, a text or a dict; the shipped desk without one.
        seed: taken instead of the scenario's.
        set: keys of the scenario to change, `{"stages.triage.servers": 2}`; None takes a key away.
        engine: `auto`, `threads` or `inline`, which is the fastest. It changes no result.
        tables: keep the tables in this run; without it the run is repeated when they are first asked for. With `out`, a
            text says their form: `parquet`, `csv`, `both` or `none`.
        events: make the table `events` too, which pm4py reads.
        out: a folder for the results, which must be new or empty.
        overwrite: replace earlier results in `out`.

    Returns:
        Its summary and tables. Times are in the scenario's `time_unit`, or in steps.

    Raises:
        ScenarioError: the scenario or an argument is wrong; nothing was run.
        RunError: it came to no end.
    """
    options = {"seed": seed, "set": _call.settings(set), "engine": engine, **options}
    form = tables if isinstance(tables, str) else None
    filed: dict[str, Any] = {"out": out, "overwrite": overwrite, "events": events, "tables": form}
    kept = None
    if out is None and form is not None:
        raise ScenarioError(f"tables={form!r} is the form of files, and `out` names no folder for them; name one, or say tables=True")
    if out is None:
        filed = {}
        if tables or events:
            kept = tempfile.TemporaryDirectory(prefix="filas-")
            filed = {"out": kept.name, "events": events}
    words = _call.words([scenario], {"format": "json", **options, **filed})
    answered = _call.call("run", words, False)

    def again(folder: Path) -> str:
        repeated = _call.words([], {"format": "json", "quiet": True, **options, "out": folder})
        return _call.call("run", _call.Words(words.words[:1] + repeated.words, words.texts), False).text

    where = filed.get("out")
    result = Result(answered, Path(where) if where is not None else None, again)
    result._kept = kept
    return result


def replicate(
    scenario: Scenario,
    n: int | None = None,
    *,
    precision: float | None = None,
    measure: str | Sequence[str] | None = None,
    confidence: float | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: bool | None = None,
    **options: Any,
) -> Result:
    """Runs a scenario many times: an interval for every measure.

    Args:
        scenario: a path, the name of a shipped scenario, a text or a dict.
        n: the number of replications, 20 by default; with `precision`, those before the first look.
        precision: add replications until each `measure` is known to this fraction of its mean; 0.01 is 1 %.
        measure: a dotted key of the summary, or several.
        confidence: of the intervals, 0.95 by default.
        seed, set, out, overwrite: as of `run`.
        jobs: replications at a time, one for each core by default; it changes no result.
        progress: whether a bar is shown; by default in notebooks alone.

    Returns:
        `summary["measures"]` holds an interval for every measure; the table is `replications`.

    Raises:
        ScenarioError: the scenario or an argument is wrong; nothing was run.
        RunError: a run came to no end.
        KeyboardInterrupt: Ctrl-C before the first runs were done.
    """
    asked = {"replications": n, "precision": precision, "measure": measure}
    return _study("replicate", [scenario], asked, locals(), options)


def sweep(
    scenario: Scenario,
    vary: Mapping[str, Any],
    n: int | None = None,
    *,
    precision: float | None = None,
    measure: str | Sequence[str] | None = None,
    confidence: float | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: bool | None = None,
    **options: Any,
) -> Result:
    """Runs a grid over keys of a scenario under common random numbers, and compares its cells.

    Args:
        vary: the values of each key, `{"stages.triage.servers": [1, 2, 3]}`, or a text as the command takes it,
            `{"stages.triage.servers": "1..3"}`.

    The other arguments, and the errors, are those of `replicate`. The table is `cells`.
    """
    asked = {"vary": _call.axes(vary), "replications": n, "precision": precision, "measure": measure}
    return _study("sweep", [scenario], asked, locals(), options)


def order(
    scenario: Scenario,
    *,
    objective: str | Sequence[str] | None = None,
    indifference: float | None = None,
    max: int | None = None,
    confidence: float | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: bool | None = None,
    **options: Any,
) -> Result:
    """Finds the order of a line's stages that is best.

    Args:
        objective: the measure to minimise, `waiting.mean` by default, or several.
        indifference: the difference from the best that does not matter, in the objective's unit.
        max: the most replications of an order.

    The other arguments, and the errors, are those of `replicate`. `summary["best"]` is the best order; the table
    is `orders`.
    """
    asked = {"objective": objective, "indifference": indifference, "max": max}
    return _study("order", [scenario], asked, locals(), options)


def find(
    scenario: Scenario,
    choose: Mapping[str, Any],
    *,
    require: str | Sequence[str] | None = None,
    minimise: str | None = None,
    maximise: str | None = None,
    sum: str | Sequence[str] | None = None,
    indifference: float | None = None,
    max: int | None = None,
    confidence: float | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: bool | None = None,
    **options: Any,
) -> Result:
    """Finds the best setting of whole-number keys that meets requirements.

    Args:
        choose: the least and the greatest value of each key, `{"stages.triage.servers": (1, 4)}`; or a range.
        require: what must hold, as in `"waiting.mean <= 2"`, or several.
        minimise, maximise: a measure, or a sum of chosen keys with factors, as in `"21*KEY + 30*KEY"`.
        sum: sums of chosen keys that are fixed, as in `"KEY+KEY=20"`.
        indifference: of a measure, the difference from the best that does not matter.
        max: the most replications of a setting.

    The other arguments, and the errors, are those of `replicate`. `summary["best"]` is the best setting, and
    `goal_met` says whether it meets what was required; the table is `settings`.
    """
    asked = {
        "choose": _call.choices(choose),
        "require": require,
        "minimise": minimise,
        "maximise": maximise,
        "sum": sum,
        "indifference": indifference,
        "max": max,
    }
    return _study("find", [scenario], asked, locals(), options)


def compare(
    a: Scenario,
    b: Scenario,
    n: int | None = None,
    *,
    precision: float | None = None,
    measure: str | Sequence[str] | None = None,
    confidence: float | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    jobs: int | None = None,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: bool | None = None,
    **options: Any,
) -> Result:
    """Compares two scenarios, or two results folders of `replicate`, pair by pair under common random numbers.

    Args:
        a, b: scenarios of one model, or folders.

    The other arguments, and the errors, are those of `replicate`. `summary["measures"]` holds the difference of
    every measure, b less a, with its interval; the table is `differences`.
    """
    asked = {"replications": n, "precision": precision, "measure": measure}
    return _study("compare", [a, b], asked, locals(), options)


def theory(
    scenario: Scenario,
    *,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    **options: Any,
) -> Document:
    """What queueing theory says of a scenario: its closed form, or the first assumption that fails.

    Returns:
        `summary["applies"]`, and `summary["measures"]` by dotted keys, in the units of a run.

    Raises:
        ScenarioError: the scenario or an argument is wrong.
    """
    asked = {"format": "json", "seed": seed, "set": _call.settings(set), **options}
    return Document(_call.call("theory", _call.words([scenario], asked), False))


def check(
    scenario: Scenario,
    *,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    **options: Any,
) -> Document:
    """Checks a scenario without running it.

    Returns:
        `summary["scenario"]` with every default, which is itself a scenario; `summary["estimate"]` of a run, in
        seconds and bytes; `summary["warnings"]`.

    Raises:
        ScenarioError: the scenario or an argument is wrong.
    """
    asked = {"format": "json", "quiet": True, "seed": seed, "set": _call.settings(set), **options}
    return Document(_call.call("check", _call.words([scenario], asked), False))


def report(folder: str | os.PathLike[str], *, png: str | os.PathLike[str] | None = None) -> Path:
    """Writes `report.html`, one self-contained page, into a results folder.

    Args:
        folder: a folder that `out` named, of any function.
        png: a folder for the charts too, as PNG and as SVG.

    Returns:
        The path of the page.

    Raises:
        ScenarioError: the folder holds no results.
    """
    return page(folder, png)


def _study(
    command: str,
    scenarios: list[Scenario],
    asked: Mapping[str, Any],
    given: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Result:
    """Carries out a study with the arguments that all have. Its tables are in `out`, or in a temporary folder."""
    out, kept = given["out"], None
    if out is None:
        kept = tempfile.TemporaryDirectory(prefix="filas-")
    folder = Path(kept.name if kept else out)
    common = {name: given[name] for name in ("confidence", "seed", "jobs", "overwrite")}
    common["set"] = _call.settings(given["set"])
    asked = {"format": "json", **asked, **common, **options, "out": folder}
    answered = _call.call(command, _call.words(scenarios, asked), given["progress"])
    result = Result(answered, folder)
    result._kept = kept
    return result
