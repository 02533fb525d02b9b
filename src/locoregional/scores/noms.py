"""NOMS: neurologic, oncologic, mechanical, systemic; a framework for spinal metastases, not a score."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from locoregional.errors import CaseError
from locoregional.scores.escc import escc as bilsky
from locoregional.scores.finding import worst_status
from locoregional.scores.table_file import read_toml, refuse_unsourced
from locoregional.scores.three_valued import outcomes

__all__ = ["INSTABILITY", "Noms", "noms", "radiosensitive"]

INSTABILITY = ("stable", "potentially_unstable", "unstable")
"""Bands of SINS, as `noms` takes them."""

_UNCOVERED = "not covered: myelopathy without high-grade compression, look for another cause or level"


@dataclass(frozen=True)
class Noms:
    """What the framework points to.

    Attributes
    ----------
    treatment : str or None
        Radiotherapy, with surgery where it belongs; None while more than one is possible.
    treatment_possible : tuple of str
        All that the data allow.
    stabilisation : str or None
        What stability asks for; None while that is open.
    stabilisation_possible : tuple of str
        All that the data allow.
    missing : tuple of str
        Data on which the answer depends.
    status, source : str
        Weakest rule used, and key of the paper it belongs to.
    caveats : tuple of str
        What the reader must know.
    """

    treatment: str | None
    treatment_possible: tuple[str, ...]
    stabilisation: str | None
    stabilisation_possible: tuple[str, ...]
    missing: tuple[str, ...]
    status: str
    source: str
    caveats: tuple[str, ...]
    name: str = "noms"

    @property
    def summary(self) -> str:
        """Both answers as one sentence."""
        return f"NOMS: {' or '.join(self.treatment_possible)}; {' or '.join(self.stabilisation_possible)}"


def radiosensitive(histology: str) -> bool | None:
    """Whether a tumour answers to conventional radiotherapy, in the terms of the framework; None if it names it not.

    Parameters
    ----------
    histology : str
        ``breast``, ``lung``, ``kidney`` ...
    """
    raw = read_toml("noms")["histology"]
    name = histology.strip().lower()
    return True if name in raw["sensitive"] else (False if name in raw["resistant"] else None)


def noms(
    *,
    escc: str | None = None,
    myelopathy: bool | None = None,
    radiosensitive: bool | None = None,
    tolerates_surgery: bool | None = None,
    instability: str | Collection[str] | None = None,
) -> Noms:
    """Treatment that the framework points to.

    Parameters
    ----------
    escc : str or None
        Bilsky grade: ``0``, ``1a``, ``1b``, ``1c`` (low), ``2``, ``3`` (high).
    myelopathy : bool or None
        Whether the cord is affected clinically.
    radiosensitive : bool or None
        Whether the tumour answers to conventional radiotherapy; breast cancer does.
    tolerates_surgery : bool or None
        Whether the patient can have surgery.
    instability : str, collection of str or None
        Band of SINS: ``stable``, ``potentially_unstable`` or ``unstable``, or those still possible.

    Raises
    ------
    CaseError
        If a grade or band does not exist.

    References
    ----------
    laufer2013; rows read in thespinebook_noms and bilsky2007noms, the rest recalled.
    """
    raw = read_toml("noms")
    bands = INSTABILITY if instability is None else (instability,) if isinstance(instability, str) else tuple(instability)
    if not bands or not set(bands) <= set(INSTABILITY):
        raise CaseError(f"{instability!r} is no band of SINS", where="NOMS", remedy=f"Use one of {', '.join(INSTABILITY)}.")
    high = bilsky(escc).high_grade
    choices = {
        "escc": ("low", "high") if high is None else (("high",) if high else ("low",)),
        "myelopathy": _open(myelopathy),
        "radiosensitive": _open(radiosensitive),
        "tolerates_surgery": _open(tolerates_surgery),
    }
    treatments, missing = outcomes(choices, lambda values: _treatment(raw["radiation"], values))
    stabilisations, unsteady = outcomes({"instability": bands}, lambda values: str(_matching(raw["mechanical"], values)["words"]))
    used = [r for r in raw["radiation"] if r["words"] in treatments and _fits(r, choices)]
    used += [r for r in raw["mechanical"] if r["words"] in stabilisations]
    for rule in used:
        refuse_unsourced(rule, "noms")
    return Noms(
        treatment=treatments[0] if len(treatments) == 1 else None,
        treatment_possible=treatments,
        stabilisation=stabilisations[0] if len(stabilisations) == 1 else None,
        stabilisation_possible=stabilisations,
        missing=(*missing, *unsteady),
        status=worst_status(r["status"] for r in used),
        source=raw["primary"],
        caveats=tuple(raw["caveats"]),
    )


def _open(value: bool | None) -> tuple[bool, ...]:
    return (True, False) if value is None else (value,)


def _treatment(rules: list[dict[str, Any]], values: Mapping[str, Any]) -> str:
    if values["escc"] == "low" and values["myelopathy"]:
        return _UNCOVERED
    return str(_matching(rules, values)["words"])


def _matching(rules: list[dict[str, Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    return next(r for r in rules if all(r[name] == value for name, value in values.items() if name in r))


def _fits(rule: dict[str, Any], choices: Mapping[str, tuple[Any, ...]]) -> bool:
    """Whether a rule can still apply."""
    return all(rule[name] in values for name, values in choices.items() if name in rule)
