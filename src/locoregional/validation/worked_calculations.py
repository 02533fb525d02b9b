"""Our numbers for published meta-analyses, by the name of the example in ``worked_answers.toml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from locoregional.evidence.pooling import (
    Mean,
    begg,
    binomial_normal,
    change_of_scores,
    mean_difference,
    meta_regression,
    poisson_normal,
    prediction_interval,
    proportion_effects,
    proportions_back,
    q_profile,
    random_effects,
    rate_effects,
    rate_ratio,
    standardised_difference,
    table_effects,
    tau2_error,
    trim_and_fill,
)
from locoregional.evidence.pooling.contrasts import contrasts

__all__ = ["CALCULATIONS"]

Data = Mapping[str, Any]
Answers = dict[str, float]
Effects = tuple[NDArray[np.float64], NDArray[np.float64]]


def _bcg(data: Data, measure: str = "log risk ratio") -> Effects:
    tpos, tneg, cpos, cneg = (np.array(data[c]) for c in ("tpos", "tneg", "cpos", "cneg"))
    return table_effects(tpos, tpos + tneg, cpos, cpos + cneg, measure=measure)


def _two_arms(data: Data, measure: str = "log odds ratio") -> Effects:
    return table_effects(data["events"], data["totals"], data["events_control"], data["totals_control"], measure=measure)


def _bcg_hartung_knapp(data: Data) -> Answers:
    m = random_effects(*_bcg(data))
    ends = prediction_interval(m.value, se=m.se, tau2=m.tau2, k=m.k, degrees=m.degrees, convention="metafor")
    assert ends is not None
    ratio, low, high, prediction_low, prediction_high = np.exp([m.value, m.low, m.high, *ends])
    return {
        "estimate": m.value,
        "se": m.se,
        "t": m.statistic,
        "p": m.p,
        "low": m.low,
        "high": m.high,
        "tau2": m.tau2,
        "tau2_se": tau2_error(m.data, m.tau2, method="REML"),
        "i2": m.i2_percent,
        "h2": m.h2,
        "q": m.q,
        "ratio": ratio,
        "ratio_low": low,
        "ratio_high": high,
        "ratio_prediction_low": prediction_low,
        "ratio_prediction_high": prediction_high,
    }


def _bcg_intervals_of_tau2(data: Data) -> Answers:
    y, v = _bcg(data)
    whole, fit = q_profile(random_effects(y, v).data), meta_regression(y, v, data["ablat"])
    rest = q_profile(fit.data)
    return {
        "low": whole.low,
        "high": whole.high,
        "i2_low": whole.i2_low_percent,
        "i2_high": whole.i2_high_percent,
        "residual": fit.tau2,
        "residual_low": rest.low,
        "residual_high": rest.high,
        "residual_i2_low": rest.i2_low_percent,
        "residual_i2_high": rest.i2_high_percent,
    }


def _bcg_latitude(data: Data) -> Answers:
    fit = meta_regression(*_bcg(data), data["ablat"])
    assert fit.r2_percent is not None
    found = {"tau2": fit.tau2, "tau2_se": tau2_error(fit.data, fit.tau2, method="REML"), "i2": fit.i2_percent, "h2": fit.h2}
    found |= {"r2": fit.r2_percent, "q": fit.q, "q_p": fit.q_p, "f": fit.moderators, "f_p": fit.moderators_p}
    for name, c in zip(("intercept", "slope"), fit.coefficients, strict=True):
        found |= {name: c.value, f"{name}_se": c.se, f"{name}_t": c.statistic, f"{name}_p": c.p}
        found |= {f"{name}_low": c.low, f"{name}_high": c.high}
    return found


def _bcg_small_studies(data: Data) -> Answers:
    y, v = _bcg(data)
    limit, slope = meta_regression(y, v, np.sqrt(v)).coefficients
    rank, common, reml = begg(y, v), trim_and_fill(y, v, method="EE"), trim_and_fill(y, v)
    found = {
        "egger_t": slope.statistic,
        "egger_p": slope.p,
        "limit": limit.value,
        "limit_low": limit.low,
        "limit_high": limit.high,
    }
    found |= {"begg": rank.statistic, "begg_p": rank.p, "filled": float(common.missing), "filled_reml": float(reml.missing)}
    for name, m in (("filled", common.mean), ("filled_reml", reml.mean)):
        found |= {f"{name}_estimate": m.value, f"{name}_se": m.se, f"{name}_low": m.low, f"{name}_high": m.high, f"{name}_q": m.q}
    return found | {"filled_i2": common.mean.i2_percent, "filled_reml_tau2": reml.mean.tau2}


def _bcg_leave_one_out(data: Data) -> Answers:
    y, v = _bcg(data)
    found: Answers = {}
    for i in range(len(y)):
        m = random_effects(np.delete(y, i), np.delete(v, i), test="z")
        found |= {f"estimate_{i + 1}": m.value, f"se_{i + 1}": m.se, f"tau2_{i + 1}": m.tau2, f"q_{i + 1}": m.q}
    return found


def _bcg_by_stata(data: Data) -> Answers:
    found: Answers = {}
    for name, measure in (("rr", "log risk ratio"), ("or", "log odds ratio"), ("rd", "risk difference")):
        common = random_effects(*_bcg(data, measure), method="EE")
        m = random_effects(*_bcg(data, measure), method="DL", test="z")
        found |= {f"{name}_common": common.value, f"{name}_common_low": common.low, f"{name}_common_high": common.high}
        found |= {f"{name}_common_z": common.statistic, f"{name}_q": m.q, name: m.value, f"{name}_low": m.low}
        found |= {f"{name}_high": m.high, f"{name}_z": m.statistic, f"{name}_tau2": m.tau2, f"{name}_i2": m.i2_percent}
    return found


def _bcg_smoothed(data: Data) -> Answers:
    y, _ = _bcg(data)
    tpos, tneg, cpos, cneg = (np.array(data[c]) for c in ("tpos", "tneg", "cpos", "cneg"))
    v = (tneg / tpos).mean() / (tneg + tpos) + (cneg / cpos).mean() / (cneg + cpos)
    latitude = np.array(data["ablat"]) - 33.46
    m = random_effects(y, v, method="EB", test="z")
    mixed, fixed = (meta_regression(y, v, latitude, method=name, test="z") for name in ("EB", "EE"))
    found = {"estimate": m.value, "se": m.se, "tau2": m.tau2, "residual": mixed.tau2, "r2": mixed.r2_percent or 0.0}
    for name, fit in (("", mixed), ("fixed_", fixed)):
        a, b = fit.coefficients
        found |= {f"{name}intercept": a.value, f"{name}intercept_se": a.se, f"{name}slope": b.value, f"{name}slope_se": b.se}
        at = "fixed_at" if name else "ratio_at"
        found |= {f"{at}_33": np.exp(fit.predict(0.0)[0]), f"{at}_42": np.exp(fit.predict(42 - 33.46)[0])}
    return found


def _bcg_odds_ratio(data: Data) -> Answers:
    y, v = _bcg(data, "log odds ratio")
    common, m = random_effects(y, v, method="EE"), random_effects(y, v, method="ML", test="z")
    fit = meta_regression(y, v, data["ablat"], method="ML", test="z")
    a, b = fit.coefficients
    found = dict(zip(("common", "common_low", "common_high"), np.exp([common.value, common.low, common.high]), strict=True))
    found |= dict(zip(("ratio", "low", "high"), np.exp([m.value, m.low, m.high]), strict=True))
    spread = 1.959964 * np.sqrt(m.tau2)
    found |= {"tau2": m.tau2, "spread_low": m.value - spread, "spread_high": m.value + spread, "residual": fit.tau2}
    found |= {"intercept": a.value, "intercept_se": a.se, "slope": b.value, "slope_se": b.se, "r2": fit.r2_percent or 0.0}
    return found


def _clasp(data: Data) -> Answers:
    found: Answers = {}
    for name in ("PM", "HE", "DL", "EB", "ML", "REML", "HS", "SJ"):
        m = random_effects(*_two_arms(data), method=name, test="z")
        found |= {f"tau_{name}": np.sqrt(m.tau2), f"mu_{name}": m.value, f"se_{name}": m.se}
    return found


def _freeman_tukey(data: Data) -> Answers:
    y, v = proportion_effects(data["events"], data["totals"], transform="freeman-tukey")
    m, plain = random_effects(y, v, method="EE"), float(y.mean())
    back = proportions_back([m.value, plain], transform="freeman-tukey", totals=data["totals"])
    found = {f"y_{i + 1}": 2 * yi for i, yi in enumerate(y)} | {f"v_{i + 1}": 4 * vi for i, vi in enumerate(v)}
    return found | {"weighted": 2 * m.value, "proportion": back[0], "plain": 2 * plain, "plain_proportion": back[1]}


def _lidocaine(data: Data) -> Answers:
    y, v = _two_arms(data, "risk difference")
    m = random_effects(100 * y, 1e4 * v, test="z")
    found = {f"y_{i + 1}": 100 * yi for i, yi in enumerate(y)} | {f"v_{i + 1}": 1e4 * vi for i, vi in enumerate(v)}
    return found | {"estimate": m.value, "low": m.low, "high": m.high, "tau2": m.tau2}


def _arms_of_means(data: Data) -> list[NDArray[np.float64]]:
    return [np.array(data[c], float) for c in ("means", "sds", "totals", "means_control", "sds_control", "totals_control")]


def _hospital_stay(data: Data) -> Answers:
    m1, s1, n1, m2, s2, n2 = _arms_of_means(data)
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    y, v = mean_difference(m1, pooled, n1, m2, pooled, n2)
    found = {f"v_{i + 1}": vi for i, vi in enumerate(v)}
    for name, method in (("common", "EE"), ("dl", "DL"), ("reml", "REML")):
        m = random_effects(y, v, method=method, test="z")
        found |= {name: m.value, f"{name}_low": m.low, f"{name}_high": m.high, f"{name}_tau2": m.tau2}
    return found


def _standardised_stay(data: Data) -> Answers:
    m = random_effects(*standardised_difference(*_arms_of_means(data)), test="z")
    found = {"tau2": m.tau2, "tau2_se": tau2_error(m.data, m.tau2, method="REML"), "i2": m.i2_percent, "h2": m.h2, "q": m.q}
    return found | {"estimate": m.value, "se": m.se, "z": m.statistic, "p": m.p, "low": m.low, "high": m.high}


def _residual(data: Data) -> Answers:
    fit = meta_regression(data["y"], data["v"], data["x"], test="z")
    around = q_profile(fit.data)
    reach = 1.96 * tau2_error(fit.data, fit.tau2, method="REML") / fit.tau2
    return {
        "low": around.low,
        "high": around.high,
        "reml_low": fit.tau2 * np.exp(-reach),
        "reml_high": fit.tau2 * np.exp(reach),
    }


def _diuretics(data: Data) -> Answers:
    found: Answers = {}
    for name in ("DL", "ML", "REML", "SJ"):
        m = random_effects(*_two_arms(data), method=name)
        found[name] = m.tau2
        reach = 1.96 * tau2_error(m.data, m.tau2, method=name)
        found |= {f"wald_{name}_low": m.tau2 - reach, f"wald_{name}_high": m.tau2 + reach}
    around = q_profile(m.data)
    return found | {"low": around.low, "high": around.high}


def _estimators(data: Data) -> Answers:
    found: Answers = {}
    for name in ("HS", "HE", "DL", "ML", "REML", "EB", "SJ"):
        m = random_effects(data["y"], data["v"], method=name)
        found |= {f"tau2_{name}": m.tau2, f"i2_{name}": m.i2_percent, f"h2_{name}": m.h2}
    return found


def _arm(name: str, m: Any, shown: str, back: Callable[[Any], Any]) -> Answers:
    value, low, high = back(np.array([m.value, m.low, m.high]))
    return {
        name: m.value,
        f"{name}_se": m.se,
        f"{name}_tau2": m.tau2,
        f"{name}_{shown}": value,
        f"{name}_low": low,
        f"{name}_high": high,
    }


def _logit_back(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return proportions_back(values, transform="logit")


def _catheters_proportions(data: Data) -> Answers:
    found: Answers = {}
    for name, arm in (("control", "_control"), ("treated", "")):
        x, n = data[f"events{arm}"], data[f"totals{arm}"]
        found |= _arm(name, random_effects(*proportion_effects(x, n), test="z"), "p", _logit_back)
        found |= _arm(f"glmm_{name}", binomial_normal(x, n), "p", _logit_back)
    return found


def _catheters_odds_ratio(data: Data) -> Answers:
    m = random_effects(*_two_arms(data), test="z")
    ratio, low, high = np.exp([m.value, m.low, m.high])
    return {"estimate": m.value, "se": m.se, "tau": np.sqrt(m.tau2), "ratio": ratio, "low": low, "high": high}


def _catheters_rates(data: Data) -> Answers:
    x1, x2 = np.array(data["x1i"]), np.array(data["x2i"])
    t1, t2 = np.array(data["t1i"]) / 1000, np.array(data["t2i"]) / 1000
    found: Answers = {}
    for name, x, t in (("control", x2, t2), ("treated", x1, t1)):
        found |= _arm(name, random_effects(*rate_effects(x, t), test="z"), "rate", np.exp)
        found |= _arm(f"glmm_{name}", poisson_normal(x, t), "rate", np.exp)
    m, c = random_effects(*rate_ratio(x1, t1, x2, t2), test="z"), binomial_normal(x1, x1 + x2, offsets=np.log(t1 / t2))
    for name, each in (("ratio", m), ("conditional", c)):
        found |= {name: each.value, f"{name}_se": each.se, f"{name}_tau": np.sqrt(each.tau2)}
        found |= {f"{name}_low": np.exp(each.low), f"{name}_high": np.exp(each.high)}
    return found


def _vasospasm(data: Data) -> Answers:
    x, n = data["events"], data["totals"]
    found: Answers = {}
    fits: list[tuple[str, Any, Callable[[Any], Any]]] = [
        ("raw", random_effects(*proportion_effects(x, n, transform="raw"), test="z"), np.asarray),
        ("logit", random_effects(*proportion_effects(x, n), test="z"), _logit_back),
        ("glmm", binomial_normal(x, n), _logit_back),
    ]
    for name, m, back in fits:
        ends = prediction_interval(m.value, se=m.se, tau2=m.tau2, k=m.k, degrees=None, convention="metafor")
        assert ends is not None
        value, low, high, prediction_low, prediction_high = back(np.array([m.value, m.low, m.high, *ends]))
        found |= {name: value, f"{name}_se": m.se, f"{name}_low": low, f"{name}_high": high}
        found |= {f"{name}_prediction_low": prediction_low, f"{name}_prediction_high": prediction_high}
    return found


def _magnesium(data: Data) -> Answers:
    arms = [np.array(data[c]) for c in ("ai", "n1i", "ci", "n2i")]
    found: Answers = {}
    for name, kept in (("", np.arange(len(arms[0])) != 13), ("all_", np.full(len(arms[0]), True))):
        m: Mean = random_effects(*table_effects(*(a[kept] for a in arms), measure="log odds ratio"), method="EE")
        ratio, low, high = np.exp([m.value, m.low, m.high])
        found |= {f"{name}q": m.q, f"{name}i2": m.i2_percent, f"{name}h2": m.h2, f"{name}estimate": m.value, f"{name}se": m.se}
        found |= {f"{name}z": m.statistic, f"{name}p": m.p, f"{name}ratio": ratio, f"{name}low": low, f"{name}high": high}
    return found


def _expectancy(data: Data) -> Answers:
    y, v = np.array(data["y"]), np.array(data["v"])
    found: Answers = {"q": float(contrasts(y, v).q_at(0.0))}
    for name in ("ML", "REML", "DL", "HE"):
        wald, hk = random_effects(y, v, method=name, test="z"), random_effects(y, v, method=name)
        found |= {f"tau2_{name}": wald.tau2, f"mu_{name}": wald.value, f"se_{name}": wald.se, f"z_{name}": wald.statistic}
        found |= {f"low_{name}": wald.low, f"high_{name}": wald.high, f"hk_se_{name}": hk.se, f"hk_t_{name}": hk.statistic}
        found |= {f"hk_low_{name}": hk.low, f"hk_high_{name}": hk.high}
    fit = meta_regression(y, v, data["x"], test="z")
    for name, c in zip(("intercept", "slope"), fit.coefficients, strict=True):
        found |= {f"moderated_{name}": c.value, f"moderated_{name}_z": c.statistic}
    return found | {"moderated_q": fit.q}


def _mean_change(data: Data) -> Answers:
    sds = np.sqrt([[data["variance_before"]], [data["variance_after"]]])
    change = change_of_scores([data["before"]], sds[0], [data["after"]], sds[1], correlation=data["correlation"])
    return {"change": float(change.mean[0]), "variance": float(change.sd[0] ** 2 / data["total"])}


CALCULATIONS: dict[str, Callable[[Data], Answers]] = {
    "bcg_hartung_knapp": _bcg_hartung_knapp,
    "bcg_intervals_of_tau2": _bcg_intervals_of_tau2,
    "bcg_latitude": _bcg_latitude,
    "bcg_small_studies": _bcg_small_studies,
    "bcg_leave_one_out": _bcg_leave_one_out,
    "bcg_by_stata": _bcg_by_stata,
    "bcg_smoothed": _bcg_smoothed,
    "bcg_odds_ratio": _bcg_odds_ratio,
    "clasp": _clasp,
    "freeman_tukey": _freeman_tukey,
    "lidocaine": _lidocaine,
    "hospital_stay": _hospital_stay,
    "standardised_stay": _standardised_stay,
    "residual_1": _residual,
    "residual_2": _residual,
    "diuretics": _diuretics,
    "estimators_1": _estimators,
    "estimators_2": _estimators,
    "catheters_proportions": _catheters_proportions,
    "catheters_odds_ratio": _catheters_odds_ratio,
    "catheters_rates": _catheters_rates,
    "vasospasm": _vasospasm,
    "magnesium": _magnesium,
    "expectancy": _expectancy,
    "mean_change": _mean_change,
}
"""What computes each example from its data."""
