"""Molecular subtype of a breast cancer from ER, PR, HER2 and Ki-67; definitions that disagree are chosen by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from locoregional.errors import CaseError
from locoregional.scores.finding import refuse_outside, worst_status
from locoregional.scores.three_valued import outcomes
from locoregional.sources import read_facts

__all__ = ["DEFINITIONS", "SUBTYPES", "Subtype", "molecular_subtype"]

SUBTYPES = ("luminal_a", "luminal_b_her2_negative", "luminal_b_her2_positive", "her2_enriched", "triple_negative")
"""Subtypes that receptors can tell apart."""

DEFINITIONS = {
    "st_gallen_2013": "goldhirsch2013",
    "maisonneuve_2014": "maisonneuve2014",
    "st_gallen_2011": "bmccancer2020_table1",
}
"""Definitions of luminal A by name, with the key of the paper they belong to."""

_EDGE = "not covered: ER negative with PR positive; repeat the receptor test"


@dataclass(frozen=True)
class Subtype:
    """Subtype, as far as the receptors tell.

    Attributes
    ----------
    subtype : str or None
        One of `SUBTYPES`; None while more than one is possible.
    possible : tuple of str
        All that the data allow.
    missing : tuple of str
        Data on which it depends.
    definition : str
        Definition of luminal A used.
    status, source, where : str
        Weakest fact used, key of the paper, and where its numbers stand.
    caveats : tuple of str
        What the reader must know.
    """

    subtype: str | None
    possible: tuple[str, ...]
    missing: tuple[str, ...]
    definition: str
    status: str
    source: str
    where: str
    caveats: tuple[str, ...]
    name: str = "subtype"

    @property
    def summary(self) -> str:
        """Subtype as one sentence."""
        return f"Subtype by receptors ({self.definition}): {' or '.join(self.possible)}".replace("_", " ")


def molecular_subtype(
    *,
    er: bool | None = None,
    pr: bool | None = None,
    her2: bool | None = None,
    ki67_percent: float | None = None,
    pr_percent: float | None = None,
    definition: str = "st_gallen_2013",
    stated: str = "",
) -> Subtype:
    """Surrogate subtype by immunohistochemistry; without genes it is no more than that.

    Parameters
    ----------
    er, pr, her2 : bool or None
        Receptor positive.
    ki67_percent : float or None
        Share of cells with Ki-67 [%].
    pr_percent : float or None
        Share of cells with PR [%]; luminal A asks for 20 % in two of the definitions.
    definition : str
        ``st_gallen_2013`` (Ki-67 below 20 % and PR 20 % or more), ``maisonneuve_2014`` (Ki-67 below 14 %, or 14 to 19 % with PR
        20 % or more) or ``st_gallen_2011`` (Ki-67 below 14 %, any PR).
    stated : str
        Subtype as the record states it; refused where the receptors contradict it.

    Raises
    ------
    CaseError
        If data contradict each other or are impossible, or the definition does not exist.

    References
    ----------
    goldhirsch2013 and maisonneuve2014 (read in lundgren2019), bmccancer2020_table1 (2011), coates2015 (2015).
    """
    if definition not in DEFINITIONS:
        raise CaseError(f"no definition {definition!r}", where="definition", remedy=f"Use one of {', '.join(DEFINITIONS)}.")
    caveats = [*_checked(pr, pr_percent, ki67_percent), *_between(ki67_percent)]
    pr = pr if pr is not None or pr_percent is None else _positive(pr_percent)
    limits = {k: float(f) for k, f in read_facts("locoregional.scores").section(f"subtype.{definition}").items()}
    low = limits.get("ki67_intermediate", limits["ki67_high"])
    choices: dict[str, tuple[Any, ...]] = {
        "er": _open(er),
        "pr": _open(pr),
        "her2": _open(her2),
        "ki67_percent": (low - 1, limits["ki67_high"] - 1, limits["ki67_high"]) if ki67_percent is None else (ki67_percent,),
        "pr_percent": (0.0, 100.0) if pr_percent is None else (pr_percent,),
    }
    possible, missing = outcomes(choices, lambda values: _subtype(values, limits))
    if _EDGE in possible:
        caveats.append("ER negative with PR positive is rare and often a failed test.")
    _agree(stated, possible)
    facts = [f for k, f in read_facts("locoregional.scores").items() if k.startswith((f"subtype.{definition}", "subtype.groups"))]
    return Subtype(
        subtype=possible[0] if len(possible) == 1 and possible[0] in SUBTYPES else None,
        possible=possible,
        missing=missing,
        definition=definition,
        status=worst_status(f.status for f in facts),
        source=DEFINITIONS[definition],
        where="; ".join(dict.fromkeys(f"{f.source}: {f.where}" for f in facts)),
        caveats=("Receptors only approximate the genetic subtypes, and metastases may differ from the primary.", *caveats),
    )


def _subtype(values: Mapping[str, Any], limits: Mapping[str, float]) -> str:
    """Subtype of complete data."""
    if not values["er"] and not values["pr"]:
        return "her2_enriched" if values["her2"] else "triple_negative"
    if not values["er"] and "pr_high" in limits:
        return _EDGE
    if values["her2"]:
        return "luminal_b_her2_positive"
    rich = values["pr"] and values["pr_percent"] >= limits.get("pr_high", 0.0)
    quiet = values["ki67_percent"] < limits.get("ki67_intermediate", limits["ki67_high"])
    between = values["ki67_percent"] < limits["ki67_high"]
    if "ki67_intermediate" not in limits:
        between, quiet = quiet, quiet and "pr_high" not in limits
    luminal_a = quiet or (between and rich)
    return "luminal_a" if luminal_a else "luminal_b_her2_negative"


def _open(value: bool | None) -> tuple[bool, ...]:
    return (True, False) if value is None else (value,)


def _positive(percent: float) -> bool:
    return percent >= float(read_facts("locoregional.scores")["receptor.positive_from"])


def _checked(pr: bool | None, pr_percent: float | None, ki67_percent: float | None) -> list[str]:
    """Refuse impossible or contradictory data; what is only doubtful comes back as a caveat."""
    refuse_outside("ki67_percent", ki67_percent, low=0, high=100)
    refuse_outside("pr_percent", pr_percent, low=0, high=100)
    facts = read_facts("locoregional.scores").section("receptor")
    least, clear = float(facts["positive_from"]), float(facts["clearly_positive_from"])
    if pr_percent is None:
        return []
    if (pr is False and pr_percent >= clear) or (pr is True and pr_percent < least):
        state = "positive" if pr else "negative"
        raise CaseError(f"PR is called {state}, but {pr_percent:g} % of cells have it", where="pr", remedy="Correct one of them.")
    return [f"PR of {pr_percent:g} % is low: 1 to 9 % counts as equivocal."] if least <= pr_percent < clear else []


def _between(ki67_percent: float | None) -> list[str]:
    facts = read_facts("locoregional.scores").section("subtype.st_gallen_2015")
    low, high = float(facts["clearly_low"]), float(facts["clearly_high"])
    if ki67_percent is None or not low < ki67_percent < high:
        return []
    return [f"Ki-67 of {ki67_percent:g} % is neither clearly low ({low:g} %) nor clearly high ({high:g} %) by St Gallen 2015."]


def _agree(stated: str, possible: tuple[str, ...]) -> None:
    """Refuse a stated subtype that the receptors exclude."""
    text = stated.lower().replace("-", " ").replace("_", " ")
    families = {"triple": ("triple_negative",), "luminal a": ("luminal_a",), "luminal b": SUBTYPES[1:3]}
    families |= {"luminal": SUBTYPES[:3], "her2 enriched": ("her2_enriched",)}
    named = next((members for words, members in families.items() if words in text), None)
    if named is not None and not set(named) & set(possible):
        allowed = " or ".join(possible).replace("_", " ")
        raise CaseError(
            f"the record says {stated!r}, the receptors say {allowed}",
            where="stated",
            remedy="Correct the subtype or a receptor.",
        )
