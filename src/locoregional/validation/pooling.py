"""Meta-analysis against metafor: effects, nine estimators, intervals, the binomial-normal model, medians, small-study tests."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib import resources
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.evidence.pooling import (
    Mean,
    begg,
    binomial_normal,
    clopper_pearson,
    egger,
    egger_mixed,
    log_median_effects,
    prediction_interval,
    proportion_effects,
    proportions_back,
    q_profile,
    random_effects,
    tau2_error,
    trim_and_fill,
    wilson,
)
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["oracle", "rows", "study_sets"]

TOPIC = "Meta-analysis"
_SOURCE = "metafor"
_EXACT, _CLOSED, _ITERATED, _MODEL = 1e-10, 1e-8, 1e-4, 1e-3
_SCALES = {"PLO": "logit", "PFT": "freeman-tukey", "PAS": "arcsine", "PR": "raw", "PLN": "log"}
_CLOSED_FORMS = ("EE", "DL", "HE", "HS", "SJ")
_CEILING = 100.0  # where the search for the upper end of the Q profile stops in metafor

Cells = Mapping[str, str]


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Largest difference of each file and method from what metafor 3.8.1 gave.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One file and method.
    """
    steps = (_effects, _estimators, _model, _profiles, _left_out, _small_studies, _medians, _single)
    for i, step in enumerate(steps):
        progress(i / len(steps), "meta-analysis against metafor")
        yield from step()
    progress(1.0, "meta-analysis compared")


def oracle(name: str) -> list[dict[str, str]]:
    """Lines of a stored result of R."""
    text = resources.files("locoregional.validation").joinpath("oracles", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def study_sets() -> dict[str, tuple[list[int], list[int]]]:
    """Events and totals by name of the set."""
    found: dict[str, tuple[list[int], list[int]]] = {}
    for line in oracle("meta_proportions_input"):
        x, n = found.setdefault(line["set"], ([], []))
        x.append(int(line["xi"]))
        n.append(int(line["ni"]))
    return found


def _row(name: str, differences: Iterable[float], tolerance: float, note: str = "") -> Row:
    """Largest of some differences; one that is not a number counts as a miss."""
    found = np.array(list(differences))
    worst = float(np.abs(found).max()) if len(found) and np.isfinite(found).all() else nan
    return Row(TOPIC, f"{name}: largest difference", worst, 0.0, "1", tolerance, _SOURCE, note)


def _far(ours: Mapping[str, float], line: Cells) -> list[float]:
    """Differences, relative to numbers above 1, where R gives a number."""
    return [(ours[key] - float(line[key])) / max(1.0, abs(float(line[key]))) for key in ours if line[key]]


def _effects() -> Iterator[Row]:
    stored = oracle("metafor_escalc")
    for code, scale in _SCALES.items():
        differences: list[float] = []
        for name, (x, n) in study_sets().items():
            lines = [line for line in stored if line["set"] == name and line["measure"] == code]
            for ours, column in zip(proportion_effects(x, n, transform=scale), ("yi", "vi"), strict=True):
                differences += list(ours - [float(line[column]) for line in lines])
        yield _row(f"{scale} effects and variances", differences, _EXACT)


def _mean(line: Cells, tau2: float | None = None) -> tuple[Mean, NDArray[np.float64]]:
    x, n = study_sets()[line["set"]]
    scale = _SCALES[line["measure"]]
    test = "z" if line["test"] == "z" else "hk"
    m = random_effects(*proportion_effects(x, n, transform=scale), method=line["method"], test=test, tau2=tau2)
    return m, np.array(n)


def _estimators() -> Iterator[Row]:
    solved: dict[str, list[float]] = {}
    followed: dict[str, list[float]] = {}
    for line in oracle("metafor_rma_proportions"):
        m, _ = _mean(line)
        solved.setdefault(line["method"], []).extend(_far({"tau2": m.tau2, "b": m.value, "se": m.se}, line))
        followed.setdefault(line["method"], []).extend(_far(_follows(line), line))
    for method, differences in solved.items():
        closed = method in _CLOSED_FORMS
        note = "" if closed else "metafor stops its iteration within 1e-5 of the solution"
        yield _row(f"{method}: tau2, estimate, standard error", differences, _CLOSED if closed else _ITERATED, note)
    for method, differences in followed.items():
        note = "I2, H2, Q, tests, intervals of both kinds, back-transformed; at metafor's own tau2"
        yield _row(f"{method}: all that follows", differences, _CLOSED, note)


def _follows(line: Cells) -> dict[str, float]:
    """Everything that follows from tau2, at metafor's own."""
    m, n = _mean(line, float(line["tau2"]))
    found = {"b": m.value, "se": m.se, "stat": m.statistic, "pval": m.p, "ci.lb": m.low, "ci.ub": m.high}
    found |= {"I2": m.i2_percent, "H2": m.h2, "QE": m.q, "QEp": m.q_p}
    if m.method != "EE":
        found["se.tau2"] = tau2_error(m.data, m.tau2, method=m.method)
        for name, convention in (("pi", "metafor"), ("hts.pi", "hts")):
            ends = prediction_interval(m.value, se=m.se, tau2=m.tau2, k=m.k, degrees=m.degrees, convention=convention)
            found |= dict(zip((f"{name}.lb", f"{name}.ub"), ends or (), strict=False))
    natural = {"prop": "b", "prop.ci.lb": "ci.lb", "prop.ci.ub": "ci.ub", "prop.pi.lb": "pi.lb", "prop.pi.ub": "pi.ub"}
    scale = _SCALES[line["measure"]]
    found |= {k: float(proportions_back(found[of], transform=scale, totals=n)) for k, of in natural.items() if of in found}
    return found


def _model() -> Iterator[Row]:
    differences: list[float] = []
    for line in oracle("metafor_glmm_logit"):
        x, n = study_sets()[line["set"]]
        fit, wald = binomial_normal(x, n), random_effects(*proportion_effects(x, n)).q
        middle, low, high = proportions_back([fit.value, fit.low, fit.high], transform="logit")
        ours = {"b": fit.value, "se": fit.se, "ci.lb": fit.low, "ci.ub": fit.high, "tau2": fit.tau2, "QE.LRT": fit.q}
        differences += _far(ours | {"prop": middle, "prop.lb": low, "prop.ub": high, "QE.Wld": wald}, line)
    yield _row("GLMM, binomial-normal", differences, _MODEL, "metafor integrates with seven nodes, we do to rounding")
    fit = binomial_normal([5, 10, 20], [20, 40, 80])
    note = "equal proportions, where metafor fails: the estimate is the common proportion and tau2 is 0"
    common = float(proportions_back(fit.value, transform="logit"))
    yield Row(TOPIC, "GLMM, homogeneous set", common, 0.25, "1", 1e-12, "exact solution", note)


def _profiles() -> Iterator[Row]:
    differences: list[float] = []
    for line in oracle("metafor_confint_tau2_qprofile"):
        m = random_effects(*proportion_effects(*study_sets()[line["set"]]), method=line["method"])
        s = q_profile(m.data)
        ours = {"tau2": m.tau2, "I2": m.i2_percent, "tau2.lb": s.low, "tau2.ub": s.high}
        ours |= {"I2.lb": s.i2_low_percent, "I2.ub": s.i2_high_percent}
        if float(line["tau2.ub"]) == _CEILING:
            ours = {k: value for k, value in ours.items() if not k.endswith(".ub")}
        differences += _far(ours, line)
    note = "the upper end for two studies is left out: metafor stops its search at 100, the solution is 443"
    yield _row("Q profile of tau2 and I2", differences, _ITERATED, note)


def _left_out() -> Iterator[Row]:
    differences: list[float] = []
    names = [(line["set"], line["study"]) for line in oracle("meta_proportions_input")]
    for line in oracle("metafor_leave1out_reml_logit"):
        x, n = study_sets()[line["set"]]
        i = [study for name, study in names if name == line["set"]].index(line["left_out"])
        effects = proportion_effects(np.delete(x, i), np.delete(n, i))
        m, theirs = random_effects(*effects, test="z"), random_effects(*effects, test="z", tau2=float(line["tau2"]))
        ours = {"b": m.value, "se": m.se, "ci.lb": m.low, "ci.ub": m.high, "tau2": m.tau2, "Q": m.q}
        differences += _far(ours | {"I2": theirs.i2_percent}, line)
    yield _row("leave-one-out by REML", differences, _ITERATED, "I2 at metafor's own tau2")


def _small_studies() -> Iterator[Row]:
    found: dict[str, list[float]] = {}
    for line in oracle("metafor_smallstudy_tests"):
        y, v = proportion_effects(*study_sets()[line["set"]])
        if line["test"] == "trimfill_L0":
            filled = trim_and_fill(y, v, force=True)
            ours = {"stat": filled.mean.value, "p": filled.mean.p, "extra": float(filled.missing)}
        else:
            tests = {"egger_lm": egger, "begg_rank": begg, "regtest_rma_sei": egger_mixed}
            test = tests[line["test"]](y, v, force=True)
            ours = {"stat": test.statistic, "p": test.p}
        found.setdefault(line["test"], []).extend(_far(ours, line))
    words = {"egger_lm": "Egger", "begg_rank": "Begg", "regtest_rma_sei": "Egger, mixed effects", "trimfill_L0": "trim and fill"}
    for test_name, differences in found.items():
        yield _row(words[test_name], differences, _ITERATED, "forced: there are fewer than ten studies")


def _medians() -> Iterator[Row]:
    stored = {line["study"]: line for line in oracle("median_os_input")}
    y, v = _log_medians(stored.values())
    found = np.concatenate([y, np.sqrt(v)])
    expected = [float(line[column]) for column in ("yi", "sei") for line in stored.values()]
    yield _row("log-medians and standard errors", found - expected, _EXACT)
    solved: dict[str, list[float]] = {}
    for line in oracle("metafor_log_median"):
        effects = _log_medians([stored[name] for name in line["studies"].split("+")])
        test = "z" if line["test"] == "z" else "hk"
        m = random_effects(*effects, method=line["method"], test=test)
        solved.setdefault(line["method"], []).extend(_far({"tau2": m.tau2, "b": m.value, "se": m.se}, line))
        m = random_effects(*effects, method=line["method"], test=test, tau2=float(line["tau2"]))
        months = dict(zip(("median", "ci.lb", "ci.ub"), np.exp([m.value, m.low, m.high]), strict=True))
        ends = prediction_interval(m.value, se=m.se, tau2=m.tau2, k=m.k, degrees=m.degrees, convention="metafor")
        months |= dict(zip(("pi.lb", "pi.ub"), np.exp(ends or ()), strict=False))
        solved.setdefault("all", []).extend(_far(months | {"I2": m.i2_percent, "QE": m.q}, line))
    for method, differences in solved.items():
        if method == "all":
            yield _row("log-medians: months, intervals, I2 and Q", differences, 1e-6, "at metafor's own tau2")
        else:
            tolerance = 1e-6 if method in _CLOSED_FORMS else _ITERATED
            yield _row(f"log-medians, {method}: tau2, estimate, standard error", differences, tolerance)


def _log_medians(lines: Collection[Cells]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    columns: list[ArrayLike] = [[float(line[c]) for line in lines] for c in ("median", "lb", "ub")]
    y, v, _ = log_median_effects(*columns)
    return y, v


def _single() -> Iterator[Row]:
    for name, prefix, interval in (("Clopper-Pearson", "cp", clopper_pearson), ("Wilson", "wilson", wilson)):
        differences: list[float] = []
        for line in oracle("binomial_ci_clopper_wilson"):
            low, high = interval([int(line["x"])], [int(line["n"])])[:, 0]
            differences += _far({f"{prefix}.lb": float(low), f"{prefix}.ub": float(high)}, line)
        yield _row(f"{name} intervals", differences, _CLOSED)
