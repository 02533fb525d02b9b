"""Survival curves, tests and models against R's survival package on two breast cancer cohorts."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.survival.aalen_johansen import aalen_johansen
from locoregional.evidence.survival.concordance import concordance
from locoregional.evidence.survival.cox import cox
from locoregional.evidence.survival.kaplan_meier import kaplan_meier
from locoregional.evidence.survival.log_rank import log_rank
from locoregional.evidence.survival.proportional import proportional_hazards
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row, not_run

__all__ = ["rows"]

TOPIC = "Survival statistics"
_EXACT, _ITERATED = 1e-8, 1e-6
_PRINTED = 0.005 + 1e-9  # R gives Wald's statistic to two decimals
_GBSG = ("age", "meno", "size", "grade", "nodes", "pgr", "er", "hormon")

Table = dict[str, NDArray]


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Largest difference from each stored result, where ``LOCOREGIONAL_DATA`` names the folder with the cohorts.

    Differences of numbers above 1 are relative. Where R gives no number, ours must give none.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One file and method.
    """
    folder = Path(os.environ.get("LOCOREGIONAL_DATA", "")) / "clinical-gpl"
    if "LOCOREGIONAL_DATA" not in os.environ or not (folder / "rotterdam.csv").is_file():
        yield not_run(TOPIC, "All comparisons with R", "needs the cohorts gbsg and rotterdam: --data or LOCOREGIONAL_DATA")
        return
    data = {name: _columns(folder / f"{name}.csv") for name in ("gbsg", "rotterdam")}
    for share, step in enumerate((_curves, _log_ranks, _models, _proportionality, _competing)):
        progress(share / 5, "Survival statistics against R")
        yield from step(data)
    progress(1.0, "Survival statistics compared")


def _columns(path: Path) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    table = {}
    for name in read[0]:
        cells = [line[name] for line in read]
        try:
            table[name] = np.array([float(c) if c not in ("", "NA") else np.nan for c in cells])
        except ValueError:
            table[name] = np.array(cells)
    return table


def _oracle(name: str) -> list[dict[str, str]]:
    text = resources.files("locoregional.validation").joinpath("oracles", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _number(cell: str) -> float:
    return float(cell) if cell not in ("", "NA") else np.nan


def _apart(ours: object, cell: str) -> float:
    """Difference from a number of R, relative above 1; infinite if only one of the two is a number."""
    theirs, mine = _number(cell), float(ours)  # type: ignore[arg-type]
    if np.isnan(theirs) or np.isnan(mine):
        return 0.0 if np.isnan(theirs) and np.isnan(mine) else np.inf
    return abs(mine - theirs) / max(1.0, abs(theirs))


def _row(name: str, differences: list[float], tolerance: float) -> Row:
    return Row(TOPIC, name, max(differences), 0.0, "1", tolerance, "rsurvival", f"largest of {len(differences)} differences")


def _outcome(data: dict[str, Table], fit: str) -> tuple[NDArray, NDArray, NDArray]:
    """Times, events and groups of a fit that R's results name."""
    table = data["gbsg" if fit.startswith("gbsg") else "rotterdam"]
    time, event = (table["rfstime"], table["status"]) if fit.startswith("gbsg") else (table["dtime"], table["death"])
    group = fit.rpartition("_")[2]
    labels = table[group] if group in ("hormon", "size") else np.full(time.size, "all")
    return time, event, labels


def _stratum(data: dict[str, Table], line: dict[str, str]) -> tuple[NDArray, NDArray, float]:
    """Times and events of one group of a fit, and the latest time of the whole fit."""
    time, event, labels = _outcome(data, line["fit"])
    label = line["stratum"].partition("=")[2] or "all"
    inside = labels == (float(label) if labels.dtype.kind == "f" else label)
    return time[inside], event[inside], float(time.max())


def _curves(data: dict[str, Table]) -> Iterator[Row]:
    means: list[float] = []
    steps: dict[str, list[float]] = defaultdict(list)
    points: dict[str, list[float]] = defaultdict(list)
    for line in _oracle("survfit_quantiles"):
        time, event, latest = _stratum(data, line)
        km = kaplan_meier(time, event, interval=line["conf.type"])
        median = km.quantile()
        pairs = {"n": km.n, "events": km.events.sum(), "median": median.value, "median.lb": median.low, "median.ub": median.high}
        pairs |= {"q25": km.quantile(0.25).value, "q75": km.quantile(0.75).value}
        steps[line["conf.type"]] += [_apart(ours, line[key]) for key, ours in pairs.items()]
        mean = km.restricted_mean(stop=latest, extend=True)
        means += [_apart(mean.value, line["rmean"]), _apart(mean.sigma, line["se.rmean"])]
    before = ("", 0.0)  # R counts events since the time before of the same curve
    for line in _oracle("survfit_at_times"):
        time, event, _ = _stratum(data, line)
        curve, t = line["fit"] + line["conf.type"] + line["stratum"], float(line["time"])
        since = before[1] if before[0] == curve else 0.0
        before = (curve, t)
        km = kaplan_meier(time, event, interval=line["conf.type"])
        at = km.at(t)
        counts = {"n.risk": (time >= t).sum(), "cum.events": ((event == 1) & (time > since) & (time <= t)).sum()}
        pairs = {**counts, "surv": at.value, "se": at.sigma, "lb": at.low, "ub": at.high}
        points[line["conf.type"]] += [_apart(ours, line[key]) for key, ours in pairs.items()]
    for kind, differences in steps.items():
        yield _row(f"Kaplan-Meier medians, their limits and quartiles, {kind} interval", differences, _EXACT)
    yield _row("Restricted means and their standard errors", means, _EXACT)
    for kind, differences in points.items():
        yield _row(f"Kaplan-Meier survival, standard errors and limits at fixed times, {kind} interval", differences, _EXACT)


def _log_ranks(data: dict[str, Table]) -> Iterator[Row]:
    for line in _oracle("survdiff_logrank"):
        time, event, labels = _outcome(data, line["fit"])
        found = log_rank(time, event, labels, exponent=float(line["rho"]))
        order = _groups_of_r(found.groups)
        differences = [_apart(found.test.value, line["chisq"]), _apart(found.test.df, line["df"])]
        differences.append(abs(found.test.p / float(line["p"]) - 1))
        for key, ours in (("obs", found.observed), ("exp", found.expected)):
            differences += [_apart(ours[k], cell) for k, cell in zip(order, line[key].split(";"), strict=True)]
        kind = "Log-rank" if float(line["rho"]) == 0 else "Peto"
        yield _row(f"{kind} test, {line['fit']}", differences, _ITERATED)


def _groups_of_r(groups: tuple[str, ...]) -> list[int]:
    """Positions of our groups in R's order, which for sizes is that of the size."""
    sizes = ("<=20", "20-50", ">50")
    return [groups.index(size) for size in sizes] if set(groups) == set(sizes) else list(range(len(groups)))


def _design(data: dict[str, Table], model: str) -> tuple[NDArray, NDArray, NDArray, NDArray | None]:
    """Times, events, variables and strata of a model that R's results name."""
    if model.startswith("gbsg"):
        table = data["gbsg"]
        return table["rfstime"], table["status"], np.column_stack([table[name] for name in _GBSG]), None
    table = data["rotterdam"]
    if "strata(size)" in model:
        return table["dtime"], table["death"], np.column_stack([table["hormon"], table["age"]]), table["size"]
    sizes = [(table["size"] == size).astype(float) for size in ("20-50", ">50")]
    others = [table[name] for name in ("grade", "nodes", "hormon", "chemo")]
    return table["dtime"], table["death"], np.column_stack([table["age"], *sizes, *others]), None


def _models(data: dict[str, Table]) -> Iterator[Row]:
    lines = _oracle("coxph")
    printed = []
    for model, ties in dict.fromkeys((line["model"], line["ties"]) for line in lines):
        mine = [line for line in lines if (line["model"], line["ties"]) == (model, ties)]
        time, event, x, strata = _design(data, model)
        fit = cox(time, event, x, strata=strata, ties=ties)
        rank = concordance(time, event, x @ fit.coef, strata=strata)
        columns = {"coef": fit.coef, "hr": fit.hazard_ratio, "se": fit.se, "z": fit.z, "p": fit.p, "lb": fit.low, "ub": fit.high}
        differences = [_apart(v[k], line[key]) for k, line in enumerate(mine) for key, v in columns.items()]
        first, (null, value) = mine[0], fit.log_likelihood
        tests = {"loglik0": null, "loglik": value, "lrt": fit.likelihood_ratio.value, "score": fit.score.value}
        tests |= {"concordance": rank.value, "c.se": rank.sigma}
        differences += [_apart(ours, first[key]) for key, ours in tests.items()]
        printed.append(abs(fit.wald.value - float(first["wald"])))
        yield _row(f"Cox model, {ties} ties, {model}", differences, _ITERATED)
    yield _row("Wald tests of these models, which R prints to two decimals", printed, _PRINTED)


def _proportionality(data: dict[str, Table]) -> Iterator[Row]:
    found = proportional_hazards(*_design(data, "gbsg")[:3])
    lines = _oracle("cox_zph_gbsg_efron_km")
    differences = []
    for line, ours in zip(lines, (*found.each, found.together), strict=True):
        differences += [_apart(ours.value, line["chisq"]), _apart(ours.df, line["df"]), _apart(ours.p, line["p"])]
    yield _row("Tests of proportional hazards, gbsg, Kaplan-Meier scale", differences, _ITERATED)


def _competing(data: dict[str, Table]) -> Iterator[Row]:
    table = data["rotterdam"]
    recurred, died = table["recur"] == 1, table["death"] == 1
    time = np.where(recurred, table["rtime"], table["dtime"])
    cause = np.where(recurred, 1, np.where(died, 2, 0))
    differences: dict[str, list[float]] = defaultdict(list)
    for line in _oracle("aalen_johansen_cif"):
        inside = table["size"] == line["stratum"].partition("=")[2]
        inside |= line["stratum"] == "all"
        at = aalen_johansen(time[inside], cause[inside]).at(float(line["time"]), cause=1 if line["cause"] == "recurrence" else 2)
        pairs = {"cif": at.value, "se": at.sigma, "lb": at.low, "ub": at.high}
        differences[line["cause"]] += [_apart(ours, line[key]) for key, ours in pairs.items()]
    for name, found in differences.items():
        yield _row(f"Aalen-Johansen incidence of {name}, standard errors and limits", found, _EXACT)
