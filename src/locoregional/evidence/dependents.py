"""What rests on a row: facts, rules and pools of the package that name it, and other rows that mention it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.pool_selection import select_rows
from locoregional.evidence.pool_spec import pool_specs

__all__ = ["dependents"]


def dependents(base: EvidenceBase, id_: str) -> tuple[str, ...]:
    """Places that name a row, as readable lines.

    Parameters
    ----------
    base : EvidenceBase
        Evidence.
    id_ : str
        Id of a row.

    Returns
    -------
    tuple of str
        Such as ``procedures/mwa/rules.toml: rule.size.evidence``, ``outcomes O045: note``, ``pool liver_mwa_ltp_lesion: enters``.
    """
    named = re.compile(rf"(?<![\w-]){re.escape(id_)}(?![\w-])")
    lines = [
        f"{path}: {key}"
        for path, file in _files(resources.files("locoregional"), "")
        if named.search(text := file.read_text(encoding="utf-8"))
        for key in _keys(tomllib.loads(text), "", named)
    ]
    for row in base:
        if row.id != id_ and row.table != "audit" and row.text("study") != id_:
            lines += [f"{row.table} {row.id}: {c}" for c, text in row.written.items() if named.search(text)]
    return tuple(dict.fromkeys([*lines, *_pools(base, id_)]))


def _pools(base: EvidenceBase, id_: str) -> Iterator[str]:
    """Pools that an outcome enters, or is shown beside with the reason."""
    if id_ not in base or base.row(id_).table != "outcomes":
        return
    for name, spec in pool_specs().items():
        for candidate in (c for part in select_rows(base, spec) for c in part if c.row == id_):
            yield f"pool {name}: {'enters' if not candidate.reason else f'shown beside it, {candidate.reason}'}"


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for item in sorted(folder.iterdir(), key=lambda f: f.name):
        here = f"{path}/{item.name}".lstrip("/")
        if item.is_dir() and item.name not in ("__pycache__", "tables"):
            yield from _files(item, here)
        elif item.name.endswith(".toml"):
            yield here, item


def _keys(value: Any, key: str, named: re.Pattern[str]) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if named.search(str(name)):
                yield f"{key}.{name}".lstrip(".")
            yield from _keys(inner, f"{key}.{name}".lstrip("."), named)
    elif isinstance(value, list):
        for inner in value:
            name = inner.get("id", "") if isinstance(inner, dict) else ""
            yield from _keys(inner, f"{key}.{name}" if name else key, named)
    elif isinstance(value, str) and named.search(value):
        yield key
