"""How long survival statistics take on a cohort of the size of rotterdam, beside stored times of R, and a curve to rebuild."""

import time
from collections.abc import Callable

import numpy as np

from locoregional.evidence.survival.aalen_johansen import aalen_johansen
from locoregional.evidence.survival.cox import cox
from locoregional.evidence.survival.curve_input import NumbersAtRisk, clean_curve
from locoregional.evidence.survival.kaplan_meier import kaplan_meier
from locoregional.evidence.survival.log_rank import log_rank
from locoregional.evidence.survival.proportional import proportional_hazards
from locoregional.evidence.survival.rebuilt import rebuild

N = 2982
QUOTED_MS = {"survfit": 7.2, "survdiff": 7.9, "coxph, Efron": 25.2, "cox.zph": 9.2}
"""R's survival 3.5.3 on rotterdam, in process, measured once on a comparable machine; not run here."""
PYTHON_MS = {
    "survfit": "statsmodels 0.21 without CI, lifelines 17.6",
    "survdiff": "lifelines 37.9",
    "coxph, Efron": "lifelines 537",
}


def median_s(work: Callable[[], object], repeats: int = 30) -> float:
    work()  # imports
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def row(case: str, seconds: float, peer: str = "", note: str = "") -> dict[str, object]:
    quoted = QUOTED_MS.get(peer)
    others = f"; {PYTHON_MS[peer]} ms" if peer in PYTHON_MS else ""
    reference = f"R {peer} {quoted} ms{others}; quoted, not run here" if quoted else None
    ratio = quoted / (1e3 * seconds) if quoted else None
    return {"topic": "survival", "case": case, "seconds": seconds, "reference": reference, "ratio": ratio, "note": note}


def run() -> list[dict[str, object]]:
    """Rows of topic, case, seconds, reference, ratio and note."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, 9))
    dies = rng.exponential(4000 / np.exp(x @ np.linspace(-0.3, 0.3, 9)))
    leaves = rng.uniform(500, 7000, N)
    time_d, event = np.ceil(np.minimum(dies, leaves)), dies <= leaves
    group = rng.integers(0, 3, N)
    cause = np.where(event, rng.integers(1, 3, N), 0)
    km = kaplan_meier(time_d / 30.4375, event)
    points = np.linspace(0, km.time[-1], 100)
    curve = clean_curve(points, np.r_[1.0, km.survival][np.searchsorted(km.time, points, side="right")])
    ticks = np.arange(0, km.time[-1], 24.0)
    risk = NumbersAtRisk(ticks, km.at_risk[np.searchsorted(km.time, ticks)])
    size = f"made-up cohort of {N} with {int(event.sum())} events, as rotterdam has 2982 with 1272"
    return [
        row("Kaplan-Meier with intervals", median_s(lambda: kaplan_meier(time_d, event)), "survfit", size),
        row("log-rank, 3 groups", median_s(lambda: log_rank(time_d, event, group)), "survdiff", size),
        row("Cox, Efron, 9 variables, all tests", median_s(lambda: cox(time_d, event, x)), "coxph, Efron", size),
        row(
            "proportional hazards, the fit included",
            median_s(lambda: proportional_hazards(time_d, event, x)),
            "cox.zph",
            "R's time is without the fit",
        ),
        row("Aalen-Johansen, 2 causes, errors at all times", median_s(lambda: aalen_johansen(time_d, cause), 5), note=size),
        row(
            f"{N} patients rebuilt from 100 points", median_s(lambda: rebuild(curve, at_risk=risk)), note="numbers at risk given"
        ),
        row("the same without numbers at risk", median_s(lambda: rebuild(curve, total=N, events=int(event.sum())), 5)),
    ]


if __name__ == "__main__":
    for line in run():
        print(line)
