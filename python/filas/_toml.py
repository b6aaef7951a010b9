"""A scenario given as a dict, as the text of a scenario file."""

from __future__ import annotations

import json
import numbers
import os
import re
from collections.abc import Mapping
from typing import Any

from ._errors import ScenarioError

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def document(scenario: Mapping[str, Any]) -> str:
    """The text of a scenario file: plain keys first, then a section for each table."""
    plain, sections = [], []
    for key, value in scenario.items():
        name = _key(key, "")
        if isinstance(value, Mapping) and value:
            sections.append(f"\n[{name}]\n" + _lines(value, key))
        elif _is_list_of_tables(value):
            sections.extend(f"\n[[{name}]]\n" + _lines(one, f"{key}.{at}") for at, one in enumerate(value))
        else:
            plain.append(f"{name} = {inline(value, key)}\n")
    return "".join(plain + sections)


def inline(value: Any, place: str) -> str:
    """A value in one line. numpy's numbers and arrays, and paths, stand for themselves."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return repr(float(value))
    if isinstance(value, os.PathLike):
        return inline(os.fspath(value), place)
    if isinstance(value, Mapping):
        pairs = (f"{_key(key, place)} = {inline(one, f'{place}.{key}')}" for key, one in value.items())
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, (list, tuple, range)):
        return "[" + ", ".join(inline(one, f"{place}.{at}") for at, one in enumerate(value)) + "]"
    if value is None:
        raise ScenarioError(f"`{place}` is None, which no scenario can hold; leave the key out")
    raise ScenarioError(
        f"`{place}` is of type `{type(value).__name__}`; a scenario holds numbers, texts, booleans, lists and dicts"
    )


def _lines(table: Mapping[str, Any], place: str) -> str:
    pairs = (f"{_key(key, place)} = {inline(value, f'{place}.{key}')}\n" for key, value in table.items())
    return "".join(pairs)


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _key(key: Any, place: str) -> str:
    if not isinstance(key, str):
        where = f" of `{place}`" if place else ""
        raise ScenarioError(f"the key {key!r}{where} is of type `{type(key).__name__}`; keys are texts")
    return key if _BARE.match(key) else json.dumps(key, ensure_ascii=False)
