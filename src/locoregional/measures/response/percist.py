"""PERCIST 1.0: change of the hottest millilitre of tumour on FDG PET."""

from __future__ import annotations

from dataclasses import dataclass, replace

from locoregional.errors import CaseError
from locoregional.measures.response.category import Category, NonTarget, Reading, completed, spanned
from locoregional.measures.response.change import change_between, uptake_spread
from locoregional.measures.response.size import interval_of, not_judged
from locoregional.sources import read_facts

__all__ = ["LiverUptake", "least_uptake", "percist"]

_TINY = 1e-9


@dataclass(frozen=True)
class LiverUptake:
    """Uptake of healthy liver, as SUL: lean body mass in place of weight.

    Attributes
    ----------
    mean_g_ml, deviation_g_ml : float
        Mean and standard deviation in a sphere of 3 cm in healthy right lobe [g/ml].
    """

    mean_g_ml: float
    deviation_g_ml: float

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        if not self.mean_g_ml > 0 or self.deviation_g_ml < 0:
            raise CaseError("uptake of the liver must be positive", where="liver uptake", remedy="Give SUL, as g/ml.")


def least_uptake(liver: LiverUptake) -> float:
    """Least SULpeak at baseline that PERCIST can follow [g/ml]."""
    facts = read_facts(__package__)
    return (
        float(facts["percist.liver_factor"]) * liver.mean_g_ml + float(facts["percist.liver_deviations"]) * liver.deviation_g_ml
    )


def percist(
    *,
    baseline_g_ml: float,
    follow_up_g_ml: float,
    baseline_liver: LiverUptake | None = None,
    follow_up_liver: LiverUptake | None = None,
    faded: bool | None = None,
    glycolysis_percent: float | None = None,
    new_lesions: int | None = None,
    non_target: NonTarget | None = None,
) -> Reading:
    """PERCIST at one time point, on the hottest lesion of each examination.

    Parameters
    ----------
    baseline_g_ml, follow_up_g_ml : float
        SULpeak of the hottest lesion of each examination, which need not be the same one [g/ml].
    baseline_liver, follow_up_liver : LiverUptake or None
        Of healthy liver; without it nobody can tell whether the tumour is hot enough to be followed.
    faded : bool or None
        Whether no uptake above the surroundings is left, as a reader sees it: needed for a complete response.
    glycolysis_percent : float or None
        Change of total lesion glycolysis, where it was measured.
    new_lesions : int or None
        New lesions with uptake; None where nobody said.
    non_target : str or None
        State of the other lesions; None where nobody said.

    Returns
    -------
    Reading
        Metabolic categories.
    """
    facts = read_facts(__package__)
    if baseline_liver is not None and baseline_g_ml < least_uptake(baseline_liver):
        why = (
            f"SULpeak {baseline_g_ml:.2f} at baseline is below {least_uptake(baseline_liver):.2f} (1.5 times the liver and 2 SD)"
        )
        faint = replace(not_judged("PERCIST", f"{why}: too faint to be followed"), metabolic=True)
        return completed(faint, non_target=non_target, new_lesions=new_lesions)
    spread = uptake_spread()
    change = change_between(name="SULpeak", reference=baseline_g_ml, value=follow_up_g_ml, unit="g/ml", spread=spread)
    cut, least = float(facts["percist.change"]), float(facts["percist.change_absolute"])
    hotter = glycolysis_percent is not None and glycolysis_percent > float(facts["percist.glycolysis"])
    below_liver = follow_up_liver is not None and follow_up_g_ml < follow_up_liver.mean_g_ml

    def judge(uptake: float) -> Category:
        relative, absolute = 100 * (uptake / baseline_g_ml - 1), uptake - baseline_g_ml
        if faded and below_liver:
            return Category.CR
        if hotter or (relative >= cut - _TINY and absolute >= least - _TINY):
            return Category.PD
        return Category.PR if relative <= -cut + _TINY and absolute <= -least + _TINY else Category.SD

    low, high = interval_of(follow_up_g_ml, spread)
    reasons, open_points = [change.words], []
    if abs(change.percent) >= cut and abs(follow_up_g_ml - baseline_g_ml) < least:
        reasons.append(f"the change is below {least:g} SUL units: it does not count, however large in per cent")
    if hotter:
        reasons.append(f"total lesion glycolysis rose by {glycolysis_percent:.0f} %")
    if baseline_liver is None:
        open_points.append("uptake of the liver was not given: whether the tumour was hot enough to be followed is not known")
    if below_liver and faded is None:
        open_points.append("uptake is below that of the liver: if a reader sees nothing above the surroundings, it is complete")
    reading = Reading(
        "PERCIST",
        judge(follow_up_g_ml),
        spanned(judge, low=low, value=follow_up_g_ml, high=high),
        changes=(change,),
        reasons=tuple(reasons),
        open_points=tuple(open_points),
        facts=(
            *(facts[f"percist.{name}"].key for name in ("change", "change_absolute", "liver_factor", "liver_deviations")),
            spread.fact,
        ),
        metabolic=True,
    )
    return completed(reading, non_target=non_target, new_lesions=new_lesions)
