"""Albumin-bilirubin grade (ALBI): liver function from two blood values."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

from locoregional.scores.finding import refuse_outside, worst_status
from locoregional.sources import read_facts

__all__ = ["Albi", "albi"]


@dataclass(frozen=True)
class Albi:
    """ALBI score and grade.

    Attributes
    ----------
    value : float or None
        The score; more negative is better. None while a blood value is missing.
    grade : int or None
        1, 2 or 3.
    missing : tuple of str
        Blood values that are missing.
    status, source : str
        Weakest status used, and key of the paper it belongs to.
    caveats : tuple of str
        What the reader must know.
    """

    value: float | None
    grade: int | None
    missing: tuple[str, ...]
    status: str
    source: str
    caveats: tuple[str, ...]
    name: str = "albi"

    @property
    def summary(self) -> str:
        """Score and grade as one sentence."""
        if self.value is None:
            return f"ALBI: cannot be given, {' and '.join(self.missing)} missing"
        return f"ALBI {self.value:.2f}, grade {self.grade}"


def albi(*, bilirubin_umol_l: float | None = None, albumin_g_l: float | None = None) -> Albi:
    """ALBI score ``0.66 log10(bilirubin) - 0.085 albumin``; grade 1 up to -2.60, grade 2 up to -1.39, else 3.

    Parameters
    ----------
    bilirubin_umol_l : float or None
        Total bilirubin in serum [umol/l].
    albumin_g_l : float or None
        Albumin in serum [g/l].

    Raises
    ------
    CaseError
        If a value is impossible, mostly because it was given in mg/dl or g/dl.

    References
    ----------
    johnson2015; formula read in mohammadi_albi, grades in backtable_albi.
    """
    refuse_outside("bilirubin_umol_l", bilirubin_umol_l, low=1, high=1000)
    refuse_outside("albumin_g_l", albumin_g_l, low=8, high=70)
    facts = read_facts("locoregional.scores").section("albi")
    status = worst_status(f.status for f in facts.values())
    caveats = ["Fitted in hepatocellular carcinoma; in a liver that only holds metastases it is borrowed."]
    missing = tuple(n for n, v in (("bilirubin", bilirubin_umol_l), ("albumin", albumin_g_l)) if v is None)
    if bilirubin_umol_l is None or albumin_g_l is None:
        return Albi(None, None, missing, status, "johnson2015", tuple(caveats))
    slope = facts["albumin_coefficient"]
    shared = float(facts["bilirubin_coefficient"]) * log10(bilirubin_umol_l)
    value = shared + float(slope) * albumin_g_l
    limits = float(facts["grade_1_at_most"]), float(facts["grade_2_at_most"])
    if slope.low is not None and _grade(shared + slope.low * albumin_g_l, limits) != _grade(value, limits):
        caveats.append(f"On the edge: with the coefficient {slope.low:g}, which some software uses, the grade differs.")
    if bilirubin_umol_l < 3:
        caveats.append("Bilirubin is unusually low: make sure that it is not in mg/dl.")
    return Albi(value, _grade(value, limits), (), status, "johnson2015", tuple(caveats))


def _grade(value: float, limits: tuple[float, float]) -> int:
    return 1 + sum(value > limit for limit in limits)
