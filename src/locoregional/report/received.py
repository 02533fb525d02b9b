"""What each structure beside a zone receives, read back from the numbers of an outcome."""

from __future__ import annotations

from dataclasses import dataclass

from locoregional.case import Outcome, Quantity
from locoregional.report.case_layers import title_of
from locoregional.report.citations import Citations, fact_of
from locoregional.report.document import Badge, Cell, Number, Table
from locoregional.report.energy_words import energy_words
from locoregional.sources import Sourced

__all__ = ["PREFIXES", "Received", "received_by", "received_table"]

PREFIXES = ("peak_", "lowest_", "dose_", "death_", "alert_share_", "alert_")
"""Names of quantities that belong to one structure, the longer of two that start alike first."""
MOST_DOSE_MIN = 1e4
"""Doses beyond are as good as endless."""
FEW = 5.0
"""Share of runs [%] from which it is no longer the outer edge of the band."""
LEVELS = {
    "alert": Badge("alert", "blocked"), "near": Badge("near", "caution"), "clear": Badge("below", "good"),
    "unknown": Badge("no limit", "caution"),
}  # fmt: skip
ORDER = tuple(LEVELS)


@dataclass(frozen=True)
class Received:
    """One structure.

    Attributes
    ----------
    structure : str
        Name of its mask.
    extreme : Quantity
        Highest temperature in it, of a cold zone the lowest [C].
    cold : bool
        Whether the zone freezes.
    level : str
        ``alert``, ``near``, ``clear``, or ``unknown`` where no limit is known.
    limit, dose_limit : Sourced or None
        Temperature [C] and heat dose [min] from which an operator must be told.
    dose, alerted, dies : Quantity or None
        Heat dose [min]; share of model runs [%] that raise an alert, and in which some of it dies.
    """

    structure: str
    extreme: Quantity
    cold: bool
    level: str
    limit: Sourced | None = None
    dose_limit: Sourced | None = None
    dose: Quantity | None = None
    alerted: Quantity | None = None
    dies: Quantity | None = None

    @property
    def extreme_c(self) -> float:
        """Highest (cold: lowest) temperature [C]."""
        return float(self.extreme.value or 0.0)

    @property
    def alert_share(self) -> float:
        """Share of model runs that raise an alert where the nominal run raises none, 0..1; 0 where they are as good as none."""
        percent = 0.0 if self.level == "alert" or self.alerted is None else self.alerted.value or 0.0
        return percent / 100.0 if percent >= FEW else 0.0

    @property
    def words(self) -> str:
        """What it receives, the limits, and how many runs raise an alert where the nominal one does not."""
        name, limits = self.structure.replace("_", " "), []
        if self.limit is not None:
            limits.append(f" (limit {float(self.limit):g} °C)".replace("-", "\u2212"))
        elif self.level == "unknown":
            limits.append(" (no limit known)")
        over = self.dose is not None and self.dose_limit is not None and (self.dose.value or 0.0) >= float(self.dose_limit)
        if over and self.dose is not None and self.dose_limit is not None:
            limits.append(f", heat dose {_dose(self.dose).text} (limit {float(self.dose_limit):g}\u00a0min)")
        if self.alert_share:
            limits.append(f", alert in {100 * self.alert_share:.0f} % of the model runs")
        return f"{name}: {self.extreme_c:.0f} °C".replace("-", "\u2212") + "".join(limits)


def received_by(outcome: Outcome) -> tuple[Received, ...]:
    """Structures that an outcome tells of, the worst first; empty where it tells of none."""
    cold = energy_words(outcome.procedure).cold
    prefix = "lowest_" if cold else "peak_"
    known = {q.name: q for q in outcome.quantities}
    found = []
    for q in outcome.quantities:
        if q.name.startswith(prefix) and q.unit == "C" and q.value is not None:
            found.append(_received(q.name.removeprefix(prefix), q, known, cold=cold))
    return tuple(sorted(found, key=lambda r: (ORDER.index(r.level), r.extreme_c if cold else -r.extreme_c)))


def _received(structure: str, extreme: Quantity, known: dict[str, Quantity], *, cold: bool) -> Received:
    limits = [fact for fact in map(fact_of, extreme.sources) if fact is not None]
    limit = next((f for f in limits if f.unit == "C"), None)
    dose_limit = next((f for f in limits if f.unit == "min"), None)
    said, value = known.get(f"alert_{structure}"), float(extreme.value or 0.0)
    if said is not None:
        level = "alert" if said.value else "near" if said.words.startswith("close") else "clear"
    elif limit is None:
        level = "unknown"
    else:
        level = "alert" if (value <= float(limit) if cold else value >= float(limit)) else "clear"
    names = (f"dose_{structure}", f"alert_share_{structure}", f"death_{structure}")
    return Received(structure, extreme, cold, level, limit, dose_limit, *(known.get(name) for name in names))


def _dose(quantity: Quantity) -> Number:
    value = quantity.value
    if value is None:
        return Number("Heat dose", "not known", "min")
    if value > MOST_DOSE_MIN:
        return Number("Heat dose", f"over {MOST_DOSE_MIN:.0f} min", "min")
    if value < 1.0:
        return Number("Heat dose", "under 1 min", "min")
    return Number("Heat dose", value, "min", decimals=0)


def _limit(fact: Sourced | None, citations: Citations) -> Cell:
    if fact is None:
        return "not known"
    key = citations.cite(fact.key)
    return Number("Limit", float(fact), fact.unit, source=key, where=fact.where, status=fact.status)


def _share(quantity: Quantity | None) -> Cell:
    if quantity is None or quantity.value is None:
        return "not known"
    return Number("Share of runs", quantity.value, "%", verdict="caution" if quantity.value >= FEW else "neutral", decimals=0)


def received_table(outcome: Outcome, citations: Citations) -> Table | None:
    """Temperature, dose, limits and alert of each structure; None where the outcome tells of none. Columns without content go."""
    rows = received_by(outcome)
    if not rows:
        return None
    words = energy_words(outcome.procedure)
    runs = next((q.method for r in rows for q in (r.alerted, r.dies) if q is not None), "")
    columns: dict[str, list[Cell]] = {
        "Structure": [title_of(r.structure) for r in rows],
        "Alert": [LEVELS[r.level] for r in rows],
        words.extreme.split()[0].capitalize(): [Number(words.extreme, r.extreme_c, "C", decimals=0) for r in rows],
        "limit": [_limit(r.limit, citations) for r in rows],
    }
    if any(r.dose is not None for r in rows):
        columns["Heat dose"] = [_dose(r.dose) if r.dose is not None else "not known" for r in rows]
        columns["its limit"] = [_limit(r.dose_limit, citations) for r in rows]
    if any(r.alerted is not None for r in rows):
        columns["Alert in"] = [_share(r.alerted) for r in rows]
    if any(r.dies is not None for r in rows):
        columns["Dies in"] = [_share(r.dies) for r in rows]
    dose = " and heat dose (equivalent minutes at 43 °C)" if "Heat dose" in columns else ""
    shares = f"; alert in, some of it dies in: share of the {runs}" if runs and len(columns) > 4 else ""
    caption = f"Structures beside the zone: {words.extreme}{dose} in the nominal run{shares}"
    return Table(tuple(columns), tuple(zip(*columns.values(), strict=True)), caption, tuple(range(2, len(columns))))
