"""Limits and goals of a treatment by product, liver function and extent, each with its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from locoregional.errors import PlanningError
from locoregional.sources import Sourced, read_facts

__all__ = ["DEVICES", "SCENARIOS", "Limit", "LiverFunction", "limits_for"]

DEVICES = ("resin", "glass")
SCENARIOS = ("whole liver", "lobar", "lobectomy", "segmental")
"""Both lobes; one lobe that shall go on working; one lobe that shall shrink; a segment that is given up."""
_ENDS = (1.0, 1000.0)


@dataclass(frozen=True)
class LiverFunction:
    """What decides how much the liver bears; None means not known and never counts as good.

    Attributes
    ----------
    bilirubin_umol_l : float or None
        Total bilirubin.
    compromised : bool or None
        Pretreated (chemotherapy, radiation) or compromised liver.
    reserve_share : float or None
        Share of the functioning liver that is not treated, 0..1.
    """

    bilirubin_umol_l: float | None = None
    compromised: bool | None = None
    reserve_share: float | None = None

    def __post_init__(self) -> None:
        """Refuse values that only a wrong unit explains."""
        b, r = self.bilirubin_umol_l, self.reserve_share
        if b is not None and not _ENDS[0] <= b <= _ENDS[1]:
            raise PlanningError(
                f"bilirubin of {b:g} umol/l", where="bilirubin_umol_l", remedy="Give umol/l: 1 mg/dL is 17.1 umol/l."
            )
        if r is not None and not 0.0 <= r <= 1.0:
            raise PlanningError(f"a reserve of {r:g}", where="reserve_share", remedy="Give a fraction: 40 % is 0.4.")


@dataclass(frozen=True)
class Limit:
    """An upper limit or a goal.

    Attributes
    ----------
    device : str
        ``resin`` or ``glass``: limits of the two are never mixed.
    kind : str
        ``limit`` (at most) or ``goal`` (at least).
    target : str
        Dose it speaks of, by its name in :class:`Response`; ``lung_activity`` is the activity in the lungs.
    fact : Sourced
        Value in Gy, or in GBq, with its source.
    decides : bool
        Whether it bounds the activity; the others are shown.
    words : str
        What it is, and why it decides or not.
    """

    device: str
    kind: str
    target: str
    fact: Sourced
    decides: bool
    words: str

    @property
    def value(self) -> float:
        """Value in the unit of the fact."""
        return float(self.fact)


def limits_for(device: str, function: LiverFunction, scenario: str) -> tuple[Limit, ...]:
    """Limits and goals of one product.

    Parameters
    ----------
    device : str
        ``resin`` or ``glass``.
    function : LiverFunction
        What is known of the liver. Unknown counts as bad, and the words say so.
    scenario : str
        One of ``SCENARIOS``.

    Returns
    -------
    tuple of Limit
        Those that decide first. A limit that nobody verified decides only where no verified one speaks of the same dose; one
        borrowed from another tumour may bound the activity but is no goal to reach; the goal is that of breast cancer.

    Raises
    ------
    PlanningError
        If device or scenario is unknown.
    """
    for name, value, known in (("device", device, DEVICES), ("scenario", scenario, SCENARIOS)):
        if value not in known:
            raise PlanningError(f"{name} {value!r} is unknown", where=name, remedy=f"Use {' or '.join(known)}.")
    facts = read_facts(__package__, "limit_facts.toml")
    found = [
        Limit(device, "limit", "lung", facts["lung.single"], True, "lung dose of one treatment"),
        Limit(device, "limit", "lung_cumulative", facts["lung.cumulative"], True, "lung dose of all treatments together"),
    ]
    if device == "glass":
        activity = facts["lung.glass_activity"]
        found.append(Limit(device, "limit", "lung_activity", activity, True, "activity that reaches the lungs"))
    else:
        found.append(Limit(device, "limit", "lung", facts["lung.old_resin"], True, "lung dose by an older insert"))
    found += _liver(device, function, scenario)
    found.append(Limit(device, "goal", "tumour", facts["breast.tumour"], True, "tumour dose of responders in breast cancer"))
    found += _shown(device, scenario)
    return tuple(sorted(_settled(found), key=lambda limit: not limit.decides))


def _liver(device: str, function: LiverFunction, scenario: str) -> list[Limit]:
    """Limits of the normal liver."""
    facts = read_facts(__package__, "limit_facts.toml")
    if scenario == "segmental":
        return []
    if device == "glass":
        name, why = _whole_normal(function, float(facts["function.bilirubin"]))
        out = [Limit(device, "limit", "whole_normal", facts[name], True, f"mean dose to the whole normal liver, {why}")]
        reserve = function.reserve_share
        if scenario == "lobar" and (reserve is None or reserve < 0.01 * float(facts["function.reserve"])):
            why = "reserve not known" if reserve is None else "reserve below 30 %"
            low = facts["glass.normal_low_reserve"]
            out.append(Limit(device, "limit", "normal", low, True, f"normal perfused liver, {why}"))
        return out
    if scenario == "lobectomy":
        return []
    weak = scenario == "whole liver" and function.compromised is not False
    why = ""
    if weak:
        why = ", pretreated or compromised" if function.compromised else ", taken as pretreated: not known"
    fact = facts["resin.normal_compromised" if weak else "resin.normal"]
    return [Limit(device, "limit", "normal", fact, True, f"normal perfused liver{why}")]


def _whole_normal(function: LiverFunction, threshold_umol_l: float) -> tuple[str, str]:
    """Fact of the glass limit, and why it is that one."""
    bilirubin = function.bilirubin_umol_l
    if bilirubin is None:
        return "glass.whole_normal_raised", "bilirubin not known: as if it were over 1.1 mg/dL"
    if bilirubin >= threshold_umol_l:
        return "glass.whole_normal_raised", "bilirubin of 1.1 mg/dL and more"
    return "glass.whole_normal_good", "bilirubin below 1.1 mg/dL"


def _shown(device: str, scenario: str) -> list[Limit]:
    """What the guideline says of other tumours, and doses to judge by that bound nothing."""
    facts = read_facts(__package__, "limit_facts.toml")
    words = {"tumour_mcrc": "colorectal metastases", "tumour_hcc": "hepatocellular carcinoma", "tumour_icc": "cholangiocarcinoma"}
    out = [
        Limit(device, "goal", "tumour", facts[f"{device}.{name}"], False, f"tumour dose for {tumour}")
        for name, tumour in words.items()
        if f"{device}.{name}" in facts
    ]
    if scenario == "segmental":
        fact = facts[f"{device}.perfused_segmental"]
        out.append(Limit(device, "goal", "perfused", fact, fact.status == "verified", "perfused volume of a segmentectomy"))
    if scenario == "lobectomy":
        fact = facts[f"{device}.normal_lobectomy"]
        out.append(Limit(device, "goal", "normal", fact, fact.status == "verified", "normal liver of a lobe that shall shrink"))
    if device == "glass" and scenario != "segmental":
        name = "perfused_lobectomy" if scenario == "lobectomy" else "perfused_lobar"
        out.append(Limit(device, "goal", "perfused", facts[f"glass.{name}"], False, "perfused volume (lower end of the range)"))
    if device == "glass" and scenario != "segmental":
        general = "mean dose to the whole normal liver, general value; bilirubin tells which of the other two holds"
        out.append(Limit(device, "limit", "whole_normal", facts["glass.whole_normal"], False, general))
    out.append(Limit(device, "limit", "lung", facts["lung.unharmed"], False, "highest lung dose of a series without pneumonitis"))
    return out


def _settled(limits: Iterable[Limit]) -> list[Limit]:
    """Verified before unverified: an unverified limit decides only where no verified one speaks of the same dose."""
    limits = list(limits)
    verified = {(x.kind, x.target) for x in limits if x.decides and x.fact.status != "unverified"}
    out = []
    for x in limits:
        if not x.decides or x.fact.status != "unverified":
            out.append(x)
        elif (x.kind, x.target) in verified:
            words = f"{x.words}; unverified, and a verified limit exists"
            out.append(Limit(x.device, x.kind, x.target, x.fact, False, words))
        else:
            out.append(Limit(x.device, x.kind, x.target, x.fact, True, f"{x.words}; unverified, and no verified limit exists"))
    return out
