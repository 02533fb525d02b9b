"""Spinal Instability Neoplastic Score: how stable a vertebral level with tumour is."""

from __future__ import annotations

import re
from collections.abc import Collection

from locoregional.errors import CaseError
from locoregional.scores.additive import Score, evaluate
from locoregional.scores.finding import refuse_outside
from locoregional.scores.table_file import read_table

__all__ = ["sins", "sins_collapse", "sins_location"]

_LEVEL = re.compile(r"(?:(Th|C|T|D|L|S)\s?)?0*(\d{1,2})", re.IGNORECASE)
_OCCIPUT = ("o", "occiput")


def sins_location(level: str) -> str:
    """Location item of a vertebral level.

    Parameters
    ----------
    level : str
        ``C0`` (occiput) to ``S5``; ``Th10`` and ``D10`` are T10. A range (``T10-T12``, ``T10-12``) counts by its worst level.

    Returns
    -------
    str
        Answer of the item ``location``, for example ``semirigid_T3-T10``.

    Raises
    ------
    CaseError
        If the level does not exist.
    """
    item = read_table("sins").item("location")
    spine = sorted((name for answer in item.answers for name in answer.also if name[-1].isdigit()), key=_order)
    region, ends = "", []
    for part in re.split(r"[-\u2013/]", level):
        name = _level(part, region)
        if name not in spine:
            raise CaseError(
                f"{level!r} is no vertebral level", where="SINS location", remedy="Use C0 (occiput) to S5, as in T10."
            )
        region = name[0]
        ends.append(spine.index(name))
    return max((item.answer(name) for name in spine[min(ends) : max(ends) + 1]), key=lambda answer: answer.points).key


def sins_collapse(*, collapse_percent: float | None, body_involved_percent: float | None) -> str | tuple[str, ...] | None:
    """Collapse item from the loss of height and the share of the body that is tumour.

    Parameters
    ----------
    collapse_percent : float or None
        Loss of height of the vertebral body [%]; 0 for none.
    body_involved_percent : float or None
        Share of the body that is tumour [%]; asked only without collapse.

    Returns
    -------
    str, tuple of str or None
        The answer, the answers still possible, or None if nothing is known.

    Raises
    ------
    CaseError
        If a share is outside 0..100.
    """
    refuse_outside("collapse_percent", collapse_percent, low=0, high=100)
    refuse_outside("body_involved_percent", body_involved_percent, low=0, high=100)
    if collapse_percent is None:
        return None
    if collapse_percent > 0:
        return "gt_50pct" if collapse_percent > 50 else "lt_50pct"
    uncollapsed = ("no_collapse_gt_50pct_body_involved", "none")
    return uncollapsed if body_involved_percent is None else uncollapsed[0 if body_involved_percent > 50 else 1]


def sins(
    *,
    location: str | None = None,
    pain: str | None = None,
    bone_lesion: str | None = None,
    alignment: str | None = None,
    collapse: str | Collection[str] | None = None,
    posterolateral: str | None = None,
) -> Score:
    """Spinal instability of one level, 0 to 18 points.

    Parameters
    ----------
    location : str or None
        Level (``T10``), or ``junctional``, ``mobile``, ``semirigid``, ``rigid``.
    pain : str or None
        ``mechanical``, ``occasional`` or ``none``.
    bone_lesion : str or None
        ``lytic``, ``mixed`` or ``blastic``.
    alignment : str or None
        ``subluxation``, ``deformity`` or ``normal``.
    collapse : str, collection of str or None
        ``gt_50pct``, ``lt_50pct``, ``no_collapse_gt_50pct_body_involved`` or ``none``, or those still possible
        (`sins_collapse`).
    posterolateral : str or None
        ``bilateral``, ``unilateral`` or ``none``.

    Returns
    -------
    Score
        Bands ``stable`` (0-6), ``potentially_unstable`` (7-12), ``unstable`` (13-18).

    Raises
    ------
    CaseError
        If an answer or level does not exist.

    References
    ----------
    fisher2010sins; table read in pacsde_sins and oxfordmeded_sins.
    """
    if location is not None and "_" not in location and (any(map(str.isdigit, location)) or location.lower() in _OCCIPUT):
        location = sins_location(location)
    return evaluate(
        read_table("sins"),
        {
            "location": location,
            "pain": pain,
            "bone_lesion": bone_lesion,
            "alignment": alignment,
            "collapse": collapse,
            "posterolateral": posterolateral,
        },
    )


def _order(name: str) -> tuple[int, int]:
    return "CTLS".index(name[0]), int(name[1:])


def _level(text: str, region: str) -> str:
    """Level in standard writing, empty if it cannot be read; ``region`` serves where only a number stands (T10-12)."""
    if text.strip().lower() in _OCCIPUT:
        return "C0"
    match = _LEVEL.fullmatch(text.strip())
    if match is None:
        return ""
    letter = (match[1] or region).upper()
    return f"{'T' if letter in ('TH', 'D') else letter}{match[2]}"
