"""A report as one self-contained web page: no address is fetched, every script and picture is inside."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locoregional.imaging.atomic import atomic_path
from locoregional.report.document import Block, Figure, Report, Scene3D, SliceStack
from locoregional.report.scene import encode_surface
from locoregional.report.slices import encode_stack

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["anchor", "data_address", "render_html", "write_html"]

SCRIPTS = ("page.js", "space.js", "scene.js", "outline.js", "slices.js")


def _static(name: str) -> str:
    return resources.files("locoregional.report").joinpath("static", name).read_text(encoding="utf-8")


def data_address(figure: Figure) -> str:
    """Figure as a ``data:`` address."""
    return f"data:{figure.media_type};base64,{b64encode(figure.data).decode('ascii')}"


def anchor(title: str) -> str:
    """Name for the page's markup from a title; titles may share one, so ids count as well."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def _scene_values(scene: Scene3D) -> dict[str, Any]:
    return {
        "surfaces": [encode_surface(s) for s in scene.surfaces],
        "points": [{"name": p.name, "at": p.lps_mm.tolist()} for p in scene.points],
        "from": list(scene.view_from),
        "target": None if scene.target_lps_mm is None else list(scene.target_lps_mm),
        "needles": [{"name": n.name, "entry": n.entry_lps_mm.tolist(), "tip": n.tip_lps_mm.tolist()} for n in scene.needles],
    }


def _kind(block: Block) -> str:
    return type(block).__name__.lower()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    page = Environment(
        loader=PackageLoader("locoregional.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters.update(address=data_address, anchor=anchor, kind=_kind)
    kinds = ("Number", "Badge", "Said")
    page.tests.update({name.lower(): lambda cell, name=name: type(cell).__name__ == name for name in kinds})
    return page


def _interactive(report: Report) -> dict[int, dict[str, Any]]:
    values: dict[int, dict[str, Any]] = {}
    for block in report.blocks():
        if isinstance(block, Scene3D):
            values[id(block)] = _scene_values(block)
        elif isinstance(block, SliceStack):
            values[id(block)] = encode_stack(block)
    return values


def render_html(report: Report) -> str:
    """The page.

    Parameters
    ----------
    report : Report
        What to show.

    Returns
    -------
    str
        HTML of one file; all text escaped.
    """
    values = _interactive(report)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            style=_static("report.css"),
            script="\n".join(_static(name) for name in SCRIPTS),
            data_of=lambda block: values[id(block)],
            name_of=lambda block: f"data-{list(values).index(id(block))}",
        )
    )


def write_html(report: Report, path: Path) -> Path:
    """Write the page to a file, whole or not at all.

    Parameters
    ----------
    report : Report
        What to show.
    path : Path
        Where; an existing file is replaced.

    Returns
    -------
    Path
        The file written.
    """
    text = render_html(report)
    with atomic_path(path, overwrite=True) as draft:
        draft.write_text(text, encoding="utf-8")
    return path
