"""The results of commands: the summary, the tables, the page."""

from __future__ import annotations

import html
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import _call
from ._errors import RunError, ScenarioError
from ._filas import Table

_STYLE = (
    "<style>.filas .cards{display:flex;flex-wrap:wrap;gap:1.5em}.filas dd{margin:0}.filas .value{font-size:1.4em}"
    ".filas .facts{opacity:.7}</style>"
)


_LONG = 10.0
"""Seconds of a run that is not repeated only to be shown."""


class Tables(Mapping[str, Table]):
    """The tables of a results folder by their names, each read when it is first asked for."""

    def __init__(self, folder: Path, kept: object = None) -> None:
        # A temporary folder lives as long as what reads from it.
        self._kept = kept
        self._files = {file.stem: file for file in sorted(folder.glob("*.parquet"))}
        self._read: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._read:
            self._read[name] = Table.read(self._files[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __repr__(self) -> str:
        return f"<filas.Tables: {', '.join(self._files)}>"


class Document:
    """The answer of a command: the JSON document that it prints with `--format json`."""

    def __init__(self, answered: _call.Answered) -> None:
        self._answered = answered
        self._summary: dict[str, Any] | None = None

    @property
    def json(self) -> str:
        """The document as the command prints it, byte for byte."""
        return self._answered.text

    @property
    def summary(self) -> dict[str, Any]:
        """The document as a dict. Times are in the scenario's `time_unit`; what has no observations is None."""
        if self._summary is None:
            self._summary = json.loads(self._answered.text)
        return self._summary

    def __getitem__(self, key: str) -> Any:
        """A value by its dotted key, as in `result["waiting.mean"]` or `result["stages.triage.utilisation"]`.

        Of a study it is the measure's interval as a dict, as in `study["waiting.mean"]["half_width"]`.

        Raises:
            KeyError: there is none.
        """
        found = _find(self.summary, key) or _find(self.summary.get("measures"), key)
        if found is None:
            raise KeyError(key)
        return found[0]


class Result(Document):
    """What a run or a study found."""

    def __init__(
        self, answered: _call.Answered, folder: Path | None, again: Callable[[Path], str] | None = None
    ) -> None:
        super().__init__(answered)
        self._folder = folder
        self._again = again
        self._kept: tempfile.TemporaryDirectory[str] | None = None
        self._tables: Tables | None = None
        self._is_long = answered.seconds > _LONG

    @property
    def answer(self) -> str:
        """The answer in words, and how sure it is."""
        answer = self.summary.get("answer") or {}
        return " ".join(answer[key] for key in ("headline", "sureness") if answer.get(key))

    @property
    def digest(self) -> str:
        """Sixteen figures that are the same on every engine and machine."""
        return str(self.summary["digest"])

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it before it was done."""
        return self._answered.interrupted

    @property
    def goal_met(self) -> bool:
        """Whether the precision was reached, the requirements were met, the network did not block itself."""
        return self._answered.exit == 0

    @property
    def folder(self) -> Path:
        """The folder of the results; a temporary one, gone with this object, unless `out` named one.

        A run that was made without `out` and `tables` is repeated for it: its results are the same to the bit.

        Raises:
            RunError: the run was interrupted, so that it cannot be repeated.
            ScenarioError: a file that the scenario reads has changed meanwhile.
        """
        if self._folder is None:
            if self.interrupted or self._again is None:
                raise RunError("a run that was interrupted has no tables, unless `tables=True` or `out` was given")
            self._kept = tempfile.TemporaryDirectory(prefix="filas-")
            folder = Path(self._kept.name)
            if json.loads(self._again(folder))["digest"] != self.digest:
                raise ScenarioError("the scenario or a file that it reads has changed since the run")
            self._folder = folder
        return self._folder

    @property
    def tables(self) -> Tables:
        """The tables, such as `visits` and `customers` of a line: polars, duckdb, pyarrow and pandas read them.

        They are those of `filas run --out`. Errors are those of `folder`.
        """
        if self._tables is None:
            folder = self.folder
            self._tables = Tables(folder, self._kept)
        return self._tables

    def report(self) -> Path:
        """Writes `report.html` into the folder, and gives its path. Errors are those of `folder`."""
        return page(self.folder)

    def __repr__(self) -> str:
        return f"<filas.{type(self).__name__} {self.summary.get('name')}: {self.answer}>"

    def _repr_html_(self) -> str:
        """The head of the report; of a long run without a folder, which would have to be repeated for it, the answer."""
        try:
            if self._folder is None and self._is_long:
                raise RunError("it takes too long")
            text = self.report().read_text(encoding="utf-8")
            head = text[text.index("<header>") : text.index("</header>") + len("</header>")]
        except Exception:  # An answer is shown, with or without the page.
            head = f"<h1>{html.escape(str(self.summary.get('name')))}</h1><p>{html.escape(self.answer)}</p>"
        return f'{_STYLE}<div class="filas">{head}</div>'


def page(folder: str | os.PathLike[str], png: str | os.PathLike[str] | None = None) -> Path:
    """The page of a results folder."""
    answered = _call.call("report", _call.words([Path(folder)], {"png": png}), False)
    return Path(answered.text.rstrip("\n"))


def _find(value: Any, key: str) -> tuple[Any] | None:
    """The value under a dotted key; a list of tables takes a name or a number, and a name may hold dots."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if key == name:
                return (inner,)
            if key.startswith(name + "."):
                found = _find(inner, key[len(name) + 1 :])
                if found is not None:
                    return found
    if isinstance(value, list):
        named = {one["name"]: one for one in reversed(value) if isinstance(one, dict) and "name" in one}
        return _find({str(at): one for at, one in enumerate(value)}, key) or _find(named, key)
    return None
