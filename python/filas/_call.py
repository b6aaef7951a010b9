"""How a call becomes a command: its words, its warnings and errors, its progress."""

from __future__ import annotations

import importlib
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple, Union

from . import _filas, _toml
from ._errors import InterruptedWarning, RunError, ScenarioError, ScenarioWarning

Scenario = Union[str, "os.PathLike[str]", Mapping[str, Any]]
"""A path, the name of a shipped scenario, the text of a scenario file, or a dict of its keys."""

_REFUSED, _INTERRUPTED = 2, 130
_WARNING = "warning: "
_HERE = os.path.dirname(__file__)


def _command() -> str:
    """The file of the command `filas`: the one that runs, or the one beside the interpreter."""
    called = sys.argv[0] if sys.argv else ""
    is_command = os.path.splitext(os.path.basename(called))[0] == "filas"
    return called if is_command else os.path.join(os.path.dirname(sys.executable), "filas")


_filas.hosted(_filas.__file__, _command())


class Words(NamedTuple):
    """The words of a command, and the texts that `text:0` and the like among them stand for."""

    words: list[str]
    texts: list[str]


class Answered(NamedTuple):
    """What a command answered."""

    text: str
    exit: int
    interrupted: bool
    seconds: float


def words(scenarios: Iterable[Scenario], options: Mapping[str, Any]) -> Words:
    """The words of a command with these options; those that are None or False are left out."""
    texts: list[str] = []
    said = [_word(scenario, texts) for scenario in scenarios]
    for name, value in options.items():
        option = "--" + name.rstrip("_").replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            said.append(option)
        elif isinstance(value, (list, tuple)):
            said.extend(f"{option}={one}" for one in value)
        else:
            said.append(f"{option}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
    return Words(said, texts)


def _word(scenario: Scenario, texts: list[str]) -> str:
    if isinstance(scenario, Mapping):
        texts.append(_toml.document(scenario))
    elif isinstance(scenario, str) and ("\n" in scenario or "=" in scenario) and not _is_there(scenario):
        texts.append(scenario)
    elif isinstance(scenario, (str, os.PathLike)):
        word = os.fsdecode(scenario)
        # To the command `-` is stdin, what begins so an option, and `text:0` one of the texts.
        return f"./{word}" if word.startswith(("-", "text:")) else word
    else:
        kind = type(scenario).__name__
        raise ScenarioError(f"a scenario is a path, the name of a shipped one, a text or a dict, and this is a `{kind}`")
    return f"text:{len(texts) - 1}"


def _is_there(path: str) -> bool:
    return "\n" not in path and os.path.exists(path)


def settings(keys: Mapping[str, Any] | None) -> list[str] | None:
    """The values of `--set`; None takes a key away."""
    if keys is None:
        return None
    return [f"{key}={'unset' if value is None else _toml.inline(value, key)}" for key, value in keys.items()]


def axes(keys: Mapping[str, Any]) -> list[str]:
    """The values of `--vary`: a list of values for each key, or the text that the command takes."""

    def one(value: Any) -> str:
        return value if isinstance(value, str) else _toml.inline(value, "vary")

    def all_of(values: Any) -> str:
        return values if isinstance(values, str) else ",".join(one(value) for value in values)

    return [f"{key}={all_of(values)}" for key, values in keys.items()]


def choices(keys: Mapping[str, Any]) -> list[str]:
    """The values of `--choose`: a range, a pair of least and greatest, or the text that the command takes."""

    def span(key: str, values: Any) -> str:
        if isinstance(values, str):
            return values
        if isinstance(values, range):
            if not len(values):
                raise ScenarioError("an empty range leaves nothing to choose from")
            low, high = sorted((values[0], values[-1]))
            return f"{low}..{high}:{abs(values.step)}"
        if not isinstance(values, tuple) or len(values) not in (2, 3):
            raise ScenarioError(
                f"`choose` has {values!r} for `{key}`, which is neither a pair of the least and the greatest value, as in "
                "(1, 4), nor a range; `sweep` compares values of a list"
            )
        low, high, *step = values
        return f"{low}..{high}" + "".join(f":{one}" for one in step)

    return [f"{key}={span(key, values)}" for key, values in keys.items()]


def call(command: str, said: Words, progress: bool | None = None) -> Answered:
    """Carries out a command.

    Raises:
        ScenarioError: the scenario or an argument is wrong; nothing was run.
        RunError: it came to no end.
        KeyboardInterrupt: Ctrl-C, before there was anything to say.
    """
    bar = _bar(progress)
    begun = time.perf_counter()
    try:
        exit, printed, notes, error, stopped = _filas.call(command, said.words, said.texts, bar.show if bar else None)
    finally:
        if bar:
            bar.end()
    interrupted = stopped or exit == _INTERRUPTED
    for note in notes:
        if note.startswith(_WARNING) and not (interrupted and note.startswith(_WARNING + "interrupted")):
            _warn(note[len(_WARNING) :], ScenarioWarning)
    if error is not None:
        if interrupted:
            raise KeyboardInterrupt(error)
        raise (ScenarioError if exit == _REFUSED else RunError)(error)
    if interrupted and exit == _INTERRUPTED:
        _warn("interrupted before it was done: the result holds what was done until then", InterruptedWarning)
    elif stopped:
        # It came when all was done.
        raise KeyboardInterrupt
    return Answered(printed, exit, interrupted, time.perf_counter() - begun)


def _warn(text: str, kind: type[Warning]) -> None:
    """Warns at the line that called the module."""
    level = 2
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, kind, stacklevel=level)


def _bar(wanted: bool | None) -> _Notebook | _Terminal | None:
    """The progress bar: in a notebook where nothing else is said, on a terminal where it is asked for."""
    if wanted is False:
        return None
    shell = sys.modules.get("IPython")
    shell = shell and shell.get_ipython()
    if shell is not None and type(shell).__name__ == "ZMQInteractiveShell":
        return _Notebook()
    return _Terminal() if wanted else None


class _Notebook:
    """A bar under the cell of a notebook, which goes when the work is done."""

    def __init__(self) -> None:
        self.handle: Any = None

    def show(self, done: int, wanted: int) -> None:
        if not wanted:
            return
        display: Any = importlib.import_module("IPython.display")
        bar = display.HTML(f'<progress value="{done}" max="{wanted}"></progress> {done} of {wanted} runs')
        if self.handle is None:
            self.handle = display.display(bar, display_id=True)
        else:
            self.handle.update(bar)

    def end(self) -> None:
        if self.handle is not None:
            display: Any = importlib.import_module("IPython.display")
            self.handle.update(display.HTML(""))


class _Terminal:
    """A line on stderr."""

    def __init__(self) -> None:
        self.shown = False

    def show(self, done: int, wanted: int) -> None:
        if wanted:
            self.shown = True
            print(f"\r{done} of {wanted} runs", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.shown:
            print(file=sys.stderr)
