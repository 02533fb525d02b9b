"""Risk-of-bias entries: one judgement on one item of one study, with its reason and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from locoregional.errors import EvidenceError

if TYPE_CHECKING:
    from locoregional.evidence.base import EvidenceBase

__all__ = [
    "BASES",
    "MINORS_COMPARATIVE",
    "MINORS_ITEMS",
    "NO_INFORMATION",
    "ROBINS_DOMAINS",
    "Entry",
    "checked_entries",
    "entries_of",
]

NO_INFORMATION = "no information"

MINORS_ITEMS: Mapping[str, str] = {
    "aim": "a clearly stated aim",
    "consecutive": "consecutive patients included",
    "prospective": "data collected prospectively, by a protocol made beforehand",
    "endpoints": "endpoints that fit the aim, counted for every patient treated",
    "unbiased": "endpoints assessed without bias (blinded, or why not)",
    "follow_up": "follow-up long enough for the aim",
    "loss": "less than 5 % lost to follow-up",
    "size": "size of the study calculated beforehand",
}
"""The eight items of MINORS for a single arm, in own words (slim2003); each 0 (not reported), 1 (inadequate) or 2 (adequate)."""

MINORS_COMPARATIVE: Mapping[str, str] = {
    "control": "an adequate control group",
    "contemporary": "groups treated in the same period",
    "baseline": "groups alike at the start",
    "analysis": "statistics adequate for the comparison",
}
"""The four further items of MINORS where two arms are compared (slim2003)."""

ROBINS_DOMAINS: Mapping[str, str] = {
    "confounding": "bias due to confounding",
    "selection": "bias in the selection of participants",
    "classification": "bias in the classification of interventions",
    "deviations": "bias due to deviations from the intended interventions",
    "missing": "bias due to missing data",
    "measurement": "bias in the measurement of outcomes",
    "reporting": "bias in the selection of the reported result",
}
"""The seven domains of ROBINS-I for comparisons without randomisation (sterne2016)."""

_POINTS = ("0", "1", "2", NO_INFORMATION)
_RISKS = ("low", "moderate", "serious", "critical", NO_INFORMATION)
_TOOLS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "MINORS": ({**MINORS_ITEMS, **MINORS_COMPARATIVE}, _POINTS),
    "ROBINS-I": (ROBINS_DOMAINS, _RISKS),
}
BASES = ("abstract", "full text", "design facts", "not assessed")
"""What a judgement rests on; ``design facts`` are those of the table of studies."""


@dataclass(frozen=True)
class Entry:
    """One judgement.

    Attributes
    ----------
    id, study, tool, item : str
        Id of the entry and of the study; ``MINORS`` or ``ROBINS-I``; item of that tool.
    judgement : str
        Points 0, 1, 2 or a risk; ``no information`` where what was read does not say.
    reason, basis, assessed_by : str
        Why; one of ``BASES``; by how many readers.
    """

    id: str
    study: str
    tool: str
    item: str
    judgement: str
    reason: str
    basis: str
    assessed_by: str

    @property
    def words(self) -> str:
        """What the item asks."""
        return _TOOLS[self.tool][0][self.item]


def checked_entries(entries: Sequence[Entry], *, where: str = "appraisal") -> tuple[Entry, ...]:
    """The same entries, or an error that lists what is wrong with them.

    Parameters
    ----------
    entries : sequence of Entry
        Of any number of studies.
    where : str
        Where they come from, for messages.

    Returns
    -------
    tuple of Entry
        In the order given.

    Raises
    ------
    EvidenceError
        If a tool, item, judgement or basis is unknown, a judgement has no reason, an id or item stands twice, or a study lacks
        an item of its tool. Every problem is listed.
    """
    problems = [f"{e.id or '(no id)'}: {p}" for e in entries for p in _problems(e)] + _doubles(entries)
    problems += _gaps(entries) if not problems else []
    if problems:
        raise EvidenceError(f"the appraisal cannot be used: {'; '.join(problems)}", where=where, remedy="Correct these entries.")
    return tuple(entries)


def _problems(entry: Entry) -> list[str]:
    """What is wrong with one entry by itself."""
    if entry.tool not in _TOOLS:
        return [f"tool {entry.tool!r} is neither MINORS nor ROBINS-I"]
    items, judgements = _TOOLS[entry.tool]
    found = [] if entry.id and entry.study else ["has no id or no study"]
    found += [] if entry.item in items else [f"{entry.tool} has no item {entry.item!r}"]
    found += [] if entry.judgement in judgements else [f"judgement {entry.judgement!r} is none of {', '.join(judgements)}"]
    found += [] if entry.basis in BASES else [f"basis {entry.basis!r} is none of {', '.join(BASES)}"]
    found += [] if entry.reason else ["gives no reason"]
    if entry.basis == "not assessed" and entry.judgement != NO_INFORMATION:
        found.append("judges what was not assessed")
    return found


def _doubles(entries: Sequence[Entry]) -> list[str]:
    ids = [i for i, n in Counter(e.id for e in entries).items() if n > 1]
    items = [f"{s} {t} {i}" for (s, t, i), n in Counter((e.study, e.tool, e.item) for e in entries).items() if n > 1]
    return [f"{name} stands twice" for name in (*ids, *items)]


def _gaps(entries: Sequence[Entry]) -> list[str]:
    """Items that an appraised study lacks; the comparative items of MINORS stand together or not at all."""
    found = []
    for study, tool in sorted({(e.study, e.tool) for e in entries}):
        given = {e.item for e in entries if (e.study, e.tool) == (study, tool)}
        needed = set(ROBINS_DOMAINS if tool == "ROBINS-I" else MINORS_ITEMS)
        needed |= set(MINORS_COMPARATIVE) if given & set(MINORS_COMPARATIVE) else set()
        found += [f"{study} lacks {', '.join(sorted(needed - given))} of {tool}"] if needed - given else []
    return found


_kept: dict[str, Mapping[tuple[str, str], tuple[Entry, ...]]] = {}


def entries_of(base: EvidenceBase, study: str, tool: str) -> tuple[Entry, ...]:
    """Entries of a study by a tool, checked; empty where it was not appraised by it.

    Parameters
    ----------
    base : EvidenceBase
        With its table ``appraisal``.
    study : str
        Id of the study.
    tool : str
        ``MINORS`` or ``ROBINS-I``.

    Raises
    ------
    EvidenceError
        If the tool is unknown, or an entry of the base is wrong.
    """
    if tool not in _TOOLS:
        raise EvidenceError(f"no tool is called {tool!r}", where="appraisal", remedy=f"Use {' or '.join(_TOOLS)}.")
    if base.content_hash not in _kept:
        if len(_kept) > 16:
            _kept.clear()
        _kept[base.content_hash] = _by_study(base)
    return _kept[base.content_hash].get((study, tool), ())


def _by_study(base: EvidenceBase) -> Mapping[tuple[str, str], tuple[Entry, ...]]:
    names = [f.name for f in fields(Entry)]
    found: dict[tuple[str, str], tuple[Entry, ...]] = {}
    for entry in checked_entries([Entry(**{n: row.text(n) for n in names}) for row in base.table("appraisal")]):
        found[entry.study, entry.tool] = (*found.get((entry.study, entry.tool), ()), entry)
    return found
