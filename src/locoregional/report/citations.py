"""From the chart's keys to what a reader can look up: facts, references, and the numbered list of a report."""

from __future__ import annotations

from functools import cache
from importlib import resources

from locoregional.case import Option, Quantity
from locoregional.report.document import Number, OptionCard, RuleLine, Source
from locoregional.sources import Sourced, bibliography, read_facts

__all__ = ["Citations", "decimals_of_unit", "fact_of"]

VERDICT_OF_ANSWER = {"indicated": "good", "possible": "caution", "cannot say": "caution", "not indicated": "neutral"}
DIRECTNESS = {"breast": "breast cancer", "mixed": "mixed tumours", "borrowed": "borrowed from another tumour or procedure"}
STATES_OF_RULE = {
    "required": {True: "met", False: "unmet"},
    "favourable": {True: "met", False: "unmet"},
    "excluding": {True: "present", False: "absent"},
    "caution": {True: "heed", False: "absent"},
    "preference": {True: "for", False: "no"},
}
"""How a rule that could be read is called, by its effect."""


@cache
def fact_of(key: str) -> Sourced | None:
    """Fact of a key such as ``procedures.mwa:zone.relative_sd``, None where there is none."""
    short, _, name = key.partition(":")
    if not name:
        return None
    package = f"locoregional.{short}"
    try:
        files = sorted(f.name for f in resources.files(package).iterdir() if f.name.endswith("facts.toml"))
    except ModuleNotFoundError:
        return None
    for file in files:
        facts = dict(read_facts(package, file).items())
        if name in facts:
            return facts[name]
    return None


def decimals_of_unit(unit: str, value: float) -> int | None:
    """Decimals of a number without interval: nobody dials a tenth of a degree or aims at a tenth of a millimetre."""
    if unit in ("deg", "%", "C", "s", "W"):
        return 0
    return (0 if value >= 10 else 1) if unit == "mm" else None


class Citations:
    """Collects the references of a report while it is written, numbered as they come."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}

    @property
    def sources(self) -> tuple[Source, ...]:
        """Everything cited so far, for ``Report.sources``."""
        known = bibliography()
        return tuple(Source(key, str(known[key]).split(" doi:")[0], known[key].fields.get("doi", "")) for key in self._keys)

    def cite(self, key: str) -> str:
        """Note a reference (given by its key or by the key of a fact) and return its key, empty where the key is unknown."""
        fact = fact_of(key)
        reference = fact.source if fact is not None else key
        if reference not in bibliography():
            return ""
        self._keys.setdefault(reference)
        return reference

    def number(self, quantity: Quantity, *, verdict: str = "neutral") -> Number:
        """Number of the chart as a number of the document, with its first source."""
        key = next((k for k in quantity.sources if self.cite(k)), "")
        fact = fact_of(key)
        label, _, note = quantity.words.partition(": ")
        sharp = quantity.value is not None and quantity.low is None
        return Number(
            label[:1].upper() + label[1:],
            "not known" if quantity.value is None else quantity.value,
            quantity.unit or "1",
            quantity.low,
            quantity.high,
            quantity.level,
            source=self.cite(key) if key else "",
            where=fact.where if fact is not None else "",
            status=fact.status if fact is not None else "",
            verdict=verdict,
            decimals=decimals_of_unit(quantity.unit, abs(quantity.value))
            if quantity.value is not None and (sharp or quantity.unit == "mm")
            else None,
            note=note,
        )

    def option(self, option: Option, *, title: str) -> OptionCard:
        """Option of the chart with its rules in words."""
        lines = []
        for rule in option.rules:
            state = "unknown" if rule.met is None else STATES_OF_RULE[rule.effect][rule.met]
            words = f"{rule.words} ({rule.effect})"
            rows = f"rows {', '.join(rule.evidence)}" if rule.evidence else ""
            against = f"contrary: {', '.join(rule.contrary)}" if rule.contrary else ""
            silent = "not for deciding: unverified" if rule.status == "unverified" else ""
            direct = "; ".join(x for x in (silent, DIRECTNESS.get(rule.directness, ""), rows, against, rule.note) if x)
            lines.append(RuleLine(words, state, rule.seen, self.cite(rule.source), rule.where, direct, rule.status))
        return OptionCard(title, option.answer, VERDICT_OF_ANSWER.get(option.answer, "blocked"), tuple(lines), option.words)

    def facts(self, keys: tuple[str, ...]) -> tuple[Number, ...]:
        """Facts behind a plan or outcome as numbers with range and source; each named once, those that are gone said to be so."""
        numbers = []
        for key in dict.fromkeys(keys):
            fact = fact_of(key)
            label = key.partition(":")[2].replace("_", " ").replace(".", ": ") or key
            if fact is None:  # the chart is of another version
                numbers.append(Number(label, "not a fact of this version: run the case again", verdict="caution"))
                continue
            value = fact.value if isinstance(fact.value, int | float | str) else ", ".join(str(v) for v in fact.value)
            source = self.cite(key)
            numbers.append(Number(label, value, fact.unit, source=source, where=fact.where, status=fact.status))
        return tuple(numbers)
