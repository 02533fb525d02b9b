"""The case folder on disk: ``chart.json`` for everything small, ``arrays/`` for everything large."""

from __future__ import annotations

import importlib
import json
import os
import tempfile
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from locoregional.case.case import Case
from locoregional.case.course import Entry, Plan
from locoregional.case.stored import ArrayStore
from locoregional.errors import CaseError
from locoregional.version import __version__

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["ARRAYS", "CHART", "SCHEMA", "chart_schema", "read_chart", "write_chart", "write_text_atomically"]

CHART = "chart.json"
ARRAYS = "arrays"
SCHEMA = 2
"""Version of the chart's layout; raised when a field changes its meaning."""


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(get_type_hints(Case)[name])


def _stored_fields() -> list[str]:
    return [f.name for f in fields(Case) if f.name != "store"]


def write_text_atomically(path: Path, text: str) -> None:
    """Write a text file so that a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def write_chart(case: Case, folder: Path, *, intake_sha256: str = "") -> None:
    """Write a case to its folder: arrays first, then the chart in one step; an interruption leaves the former chart whole.

    Parameters
    ----------
    case : Case
        The case.
    folder : Path
        Case folder, made if absent.
    intake_sha256 : str
        Hash of the ``case.toml`` the case was read from, so that a change is noticed.
    """
    keep = case.arrays()
    case.store.flush(folder / ARRAYS, keep)
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "software": f"locoregional {__version__}",
        "use": "research only",
        "intake_sha256": intake_sha256,
    }
    for name in _stored_fields():
        data[name] = _adapter(name).dump_python(getattr(case, name), mode="json")
    write_text_atomically(folder / CHART, json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))
    case.store.prune(keep)


def read_chart(folder: Path) -> tuple[Case, str]:
    """Read a case from its folder.

    Returns
    -------
    Case, str
        The case, and the hash of the ``case.toml`` it came from.

    Raises
    ------
    CaseError
        If the chart is absent, damaged or of another schema.
    """
    from pydantic import ValidationError

    path = folder / CHART
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CaseError("no chart in this folder", where=str(path), remedy="Make a case with `locoregional import`.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CaseError("the chart is not readable JSON", where=f"{path}: {error}", remedy="Restore it from a copy.") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        found = data.get("schema") if isinstance(data, dict) else None
        raise CaseError(f"the chart has schema {found}, this version reads {SCHEMA}", where=str(path), remedy="Import again.")
    values: dict[str, Any] = {}
    for name in _stored_fields():
        try:
            values[name] = _adapter(name).validate_python(data[name]) if name in data else None
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(x) for x in (name, *first["loc"]))
            raise CaseError(
                f"the chart is damaged: {first['msg']}", where=f"{path}: {place}", remedy="Restore it from a copy."
            ) from error
        if values[name] is None:
            raise CaseError(f"the chart lacks {name!r}", where=str(path), remedy="Restore it from a copy.")
    values["course"] = tuple(_revived(entry) for entry in values["course"])
    return Case(**values, store=ArrayStore(folder / ARRAYS)), str(data.get("intake_sha256", ""))


def _revived(entry: Entry) -> Entry:
    """Give a plan its procedure's Settings back."""
    if not isinstance(entry, Plan) or not isinstance(entry.settings, dict):
        return entry
    module, _, name = entry.settings_type.partition(":")
    if not module.startswith("locoregional.procedures."):
        raise CaseError(f"settings of type {entry.settings_type!r} are not ours", where=f"plan {entry.id}", remedy="Plan again.")
    from pydantic import TypeAdapter, ValidationError

    try:
        kind = getattr(importlib.import_module(module), name)
        return replace(entry, settings=TypeAdapter(kind).validate_python(entry.settings))
    except (ImportError, AttributeError, ValidationError) as error:
        raise CaseError(
            "the settings of a plan cannot be read", where=f"plan {entry.id}: {error}", remedy="Plan again."
        ) from error


def chart_schema() -> dict[str, Any]:
    """JSON Schema of ``chart.json``, field by field."""
    properties = {
        name: _adapter(name).json_schema(ref_template=f"#/properties/{name}/$defs/{{model}}") for name in _stored_fields()
    }
    head = {
        "schema": {"const": SCHEMA},
        "software": {"type": "string"},
        "use": {"const": "research only"},
        "intake_sha256": {"type": "string"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Locoregional chart",
        "type": "object",
        "required": ["schema", *_stored_fields()],
        "properties": {**head, **properties},
    }
