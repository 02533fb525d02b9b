"""How long one pool of ten studies takes, beside metafor's stored time, and what the rest of a meta-analysis costs."""

import time
from collections.abc import Callable

import numpy as np

from locoregional.evidence.pooling import (
    binomial_normal,
    leave_one_out,
    meta_regression,
    pool_proportions,
    prediction_interval,
    q_profile,
    random_effects,
)

METAFOR_S = 5.9e-3
"""metafor 3.8.1, rma by REML, ten studies, in process, measured once on a comparable machine; not run here."""

EVENTS = [13, 8, 7, 9, 3, 22, 5, 8, 4, 11]
TOTALS = [52, 69, 32, 40, 33, 90, 41, 50, 37, 66]


def median_s(work: Callable[[], object], repeats: int = 300) -> float:
    work()  # imports
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def row(case: str, seconds: float, reference: str, ratio: float | None, note: str) -> dict[str, object]:
    return {"topic": "pooling", "case": case, "seconds": seconds, "reference": reference, "ratio": ratio, "note": note}


def run() -> list[dict[str, object]]:
    """Rows of topic, case, seconds, reference, ratio and note."""
    rng = np.random.default_rng(0)
    v = rng.uniform(0.01, 0.2, 10)
    y = rng.normal(0.3, np.sqrt(v + 0.05))
    moderator = rng.normal(size=10)

    def core() -> object:
        m = random_effects(y, v)
        return prediction_interval(m.value, se=m.se, tau2=m.tau2, k=m.k, degrees=m.degrees)

    def with_interval() -> object:
        return core(), q_profile(random_effects(y, v).data)

    quoted = f"metafor rma {1e3 * METAFOR_S:.1f} ms, stored, not run here; goal 1 ms"
    fast = median_s(core)
    whole = median_s(lambda: pool_proportions(EVENTS, TOTALS, method="REML"))
    return [
        row("REML, Hartung-Knapp, k = 10: estimate, CI, tau2, I2, PI", fast, quoted, METAFOR_S / fast, "effects given"),
        row("the same and the Q profile of tau2", median_s(with_interval), quoted, None, "two fits"),
        row(
            "pool_proportions, REML: counts to a judged result",
            whole,
            quoted,
            METAFOR_S / whole,
            "exact intervals of each study too",
        ),
        row("binomial_normal, k = 10", median_s(lambda: binomial_normal(EVENTS, TOTALS), 30), "none", None, "three starts"),
        row(
            "pool_proportions, GLMM",
            median_s(lambda: pool_proportions(EVENTS, TOTALS), 30),
            "none",
            None,
            "profile of tau2, companion",
        ),
        row(
            "leave_one_out, REML, ten fits",
            median_s(lambda: leave_one_out(pool_proportions, EVENTS, TOTALS, method="REML"), 30),
            "none",
            None,
            "",
        ),
        row(
            "meta_regression, REML, Hartung-Knapp",
            median_s(lambda: meta_regression(y, v, moderator)),
            "none",
            None,
            "one moderator",
        ),
    ]


if __name__ == "__main__":
    for line in run():
        print(line)
