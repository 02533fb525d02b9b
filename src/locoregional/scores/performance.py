"""ECOG performance status and Karnofsky scale into each other; published conversions disagree, so the answer may be a range."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.errors import CaseError
from locoregional.scores.finding import worst_status
from locoregional.scores.table_file import read_toml, refuse_unsourced

__all__ = ["Performance", "ecog_from_karnofsky", "karnofsky_from_ecog", "performance_mappings"]


@dataclass(frozen=True)
class Performance:
    """Performance status on one scale, converted from the other.

    Attributes
    ----------
    scale : str
        ``ECOG`` or ``Karnofsky``.
    low, high : int or None
        Ends of the range; None if nothing was given.
    point : int or None
        The value, where all conversions used agree on one.
    mappings : tuple of str
        Conversions used.
    missing : tuple of str
        What was not given.
    source, where, status : str
        Key of ``references.bib``, the conversions used, and the weakest status.
    caveats : tuple of str
        What the reader must know.
    """

    scale: str
    low: int | None
    high: int | None
    point: int | None
    mappings: tuple[str, ...]
    missing: tuple[str, ...]
    source: str
    where: str
    status: str
    caveats: tuple[str, ...]
    name: str = "performance"

    @property
    def summary(self) -> str:
        """Value or range as one sentence."""
        if self.low is None:
            return f"{self.scale}: cannot be given"
        reach = f"{self.low}" if self.low == self.high else f"{self.low} to {self.high}"
        return f"{self.scale} {reach} ({', '.join(self.mappings)})"


def performance_mappings() -> tuple[str, ...]:
    """Names of the conversions."""
    return tuple(read_toml("performance")["mappings"])


def ecog_from_karnofsky(karnofsky: int | None, *, mapping: str = "all") -> Performance:
    """ECOG performance status of a Karnofsky score.

    Parameters
    ----------
    karnofsky : int or None
        0 to 100 in steps of ten.
    mapping : str
        Name of a conversion, or ``all``: then the range over all of them.

    Raises
    ------
    CaseError
        If the score or the conversion does not exist.

    References
    ----------
    mci_karnofsky, ma2010, prasad2018.
    """
    if karnofsky is not None and karnofsky not in range(0, 101, 10):
        raise CaseError(f"Karnofsky {karnofsky} does not exist", where="karnofsky", remedy="Use 0 to 100 in steps of ten.")
    bands = _bands(mapping)
    found = [] if karnofsky is None else [e for rows in bands.values() for e, low, high in rows if low <= karnofsky <= high]
    return _answer("ECOG", [(e, e) for e in found], tuple(bands), "karnofsky")


def karnofsky_from_ecog(ecog: int | None, *, mapping: str = "all") -> Performance:
    """Karnofsky range of an ECOG performance status.

    Parameters
    ----------
    ecog : int or None
        0 to 5.
    mapping : str
        Name of a conversion, or ``all``: then the range over all of them.

    Raises
    ------
    CaseError
        If the grade or the conversion does not exist.

    References
    ----------
    mci_karnofsky, ma2010, prasad2018.
    """
    if ecog is not None and ecog not in range(6):
        raise CaseError(f"ECOG {ecog} does not exist", where="ecog", remedy="Use 0 to 5.")
    bands = _bands(mapping)
    found = [] if ecog is None else [(low, high) for rows in bands.values() for e, low, high in rows if e == ecog]
    return _answer("Karnofsky", found, tuple(bands), "ecog")


def _bands(mapping: str) -> dict[str, list[list[int]]]:
    known = read_toml("performance")["mappings"]
    if mapping != "all" and mapping not in known:
        raise CaseError(f"no conversion {mapping!r}", where="mapping", remedy=f"Use all, {', '.join(known)}.")
    return {name: entry["bands"] for name, entry in known.items() if mapping in ("all", name)}


def _answer(scale: str, found: list[tuple[int, int]], used: tuple[str, ...], asked: str) -> Performance:
    raw = read_toml("performance")
    entries = [raw["mappings"][name] for name in used]
    for name, entry in zip(used, entries, strict=True):
        refuse_unsourced(entry, f"performance: {name}")
    low, high = (min(a for a, _ in found), max(b for _, b in found)) if found else (None, None)
    return Performance(
        scale=scale,
        low=low,
        high=high,
        point=low if low == high else None,
        mappings=used,
        missing=() if found else (asked,),
        source=raw["primary"],
        where="; ".join(f"{e['source']}: {e['where']}" for e in entries),
        status=worst_status(e["status"] for e in entries),
        caveats=tuple(raw["caveats"]),
    )
