"""May these studies be pooled, and may the result be quoted? The gate, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from locoregional.errors import EvidenceError
from locoregional.sources import read_facts

__all__ = ["Labels", "labels", "refuse_ranking", "too_different"]

_UNKNOWN = {"", "-", "unclear", "unknown", "not stated"}


@dataclass(frozen=True)
class Labels:
    """What the labels of the studies say about pooling them.

    Attributes
    ----------
    mixture : str
        Why no number may be computed at all; empty where nothing forbids it.
    doubt : str
        Why the number may be computed but not quoted; empty where there is no doubt.
    warnings : tuple of str
        What the reader must know besides.
    """

    mixture: str = ""
    doubt: str = ""
    warnings: tuple[str, ...] = ()


def labels(
    names: Sequence[str], *, units: Sequence[str] = (), estimands: Sequence[str] = (), clocks: Sequence[str] = ()
) -> Labels:
    """Compare the labels of studies.

    Parameters
    ----------
    names : sequence of str
        Of the studies.
    units : sequence of str
        What was counted: patient, lesion, session, procedure. Patients and lesions are never mixed.
    estimands : sequence of str
        What was measured; different ones are never mixed.
    clocks : sequence of str
        From when time runs; different ones are warned of.

    Raises
    ------
    EvidenceError
        If there are labels for some studies only.
    """
    for what, given in (("units of analysis", units), ("estimands", estimands), ("clocks", clocks)):
        if given and len(given) != len(names):
            raise EvidenceError(
                f"{len(given)} {what} for {len(names)} studies",
                where="pool",
                remedy="Give one per study, empty where not stated.",
            )
    mixtures = [
        f"{what} are mixed: {_listed(names, given)}; these are different quantities and are never pooled"
        for what, given in (("units of analysis", units), ("estimands", estimands))
        if len(_stated(given)) > 1
    ]
    silent = [name for name, unit in zip(names, units, strict=False) if _tidy(unit) in _UNKNOWN]
    doubt = ""
    if _stated(units) and silent:
        only = next(iter(_stated(units)))
        doubt = f"the others count by {only}, but the unit of analysis of {', '.join(silent)} is not stated"
    warnings = []
    if len(_stated(clocks)) > 1:
        warnings.append(f"time runs from different starts: {_listed(names, clocks)}")
    missing = [name for name, clock in zip(names, clocks, strict=False) if _tidy(clock) in _UNKNOWN]
    if missing:
        warnings.append(f"the start of the clock is not stated for {', '.join(missing)}")
    return Labels("; ".join(mixtures), doubt, tuple(warnings))


def too_different(*, i2_percent: float, k: int, low: float | None, high: float | None, measure: str) -> str:
    """Why studies differ too much for one number to stand for them; empty where they do not.

    The rule: at least ``poolable.i2_percent`` of the variation is between studies, *and* the prediction interval answers no
    clinical question any more (or does not exist). I2 alone would condemn every set of large series, a wide interval alone
    every set of few.

    Parameters
    ----------
    i2_percent : float
        Share of the variation between studies [%].
    k : int
        Number of studies.
    low, high : float or None
        Prediction interval on the scale people read; None where it does not exist.
    measure : str
        ``proportion``, ``median survival`` or ``mean change``.
    """
    facts = read_facts(__package__).section("poolable")
    if i2_percent < float(facts["i2_percent"]):
        return ""
    if low is None or high is None:
        return f"{k} studies that differ too much (I² {i2_percent:.0f} %) to say what a further one would find"
    if measure == "proportion" and 100.0 * (high - low) > float(facts["prediction_span_percent"]):
        span = f"a further study is expected anywhere between {100 * low:.0f} and {100 * high:.0f} %"
    elif measure == "median survival" and high > float(facts["prediction_ratio"]) * low:
        span = f"a further study is expected anywhere between {low:.1f} and {high:.1f} months"
    elif measure == "mean change" and high - low > float(facts["prediction_points"]):
        span = f"a further study is expected anywhere between {low:.1f} and {high:.1f} points"
    else:
        return ""
    return f"the studies differ too much (I² {i2_percent:.0f} %): {span}"


def refuse_ranking(procedures: Sequence[str]) -> NoReturn:
    """Refuse to order procedures by what separate single-arm series found.

    Parameters
    ----------
    procedures : sequence of str
        That someone asked to rank.

    Raises
    ------
    EvidenceError
        Always, with the reason.
    """
    raise EvidenceError(
        f"{', '.join(procedures)} cannot be ranked from single-arm series: each took other patients (ablation few small "
        "tumours, radioembolization tumours that chemotherapy no longer held), so that a difference between the pooled "
        "numbers is a difference between the patients",
        where="ranking",
        remedy="Show the pools side by side with their patients, or look for studies that compare the procedures.",
    )


def _tidy(label: str) -> str:
    return " ".join(str(label).split()).lower()


def _stated(given: Sequence[str]) -> set[str]:
    return {_tidy(label) for label in given} - _UNKNOWN


def _listed(names: Sequence[str], given: Sequence[str]) -> str:
    by_label: dict[str, list[str]] = {}
    for name, label in zip(names, given, strict=True):
        by_label.setdefault(_tidy(label) or "not stated", []).append(name)
    return ", ".join(f"{label} ({', '.join(who)})" for label, who in by_label.items())
