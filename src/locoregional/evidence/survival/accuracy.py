"""How far to trust a rebuilt curve, from rebuilding curves whose data are known."""

from __future__ import annotations

from locoregional.sources import Sourced, read_facts

__all__ = ["GIVEN", "READING", "SMALL", "accuracy_fact", "accuracy_words"]

READING = "reading"
"""Section of the facts on what is read off the curve itself."""

GIVEN = {"numbers at risk": "numbers_at_risk", "patients and events": "patients_and_events", "patients": "patients"}
"""What may stand beside a curve, and the section on hazard ratios rebuilt from it."""

SMALL = 100
"""Patients from which on the accuracy of large series holds."""


def accuracy_fact(section: str, quantity: str, *, n: int | None = None) -> Sourced:
    """Error of a quantity [%]: nine of ten lie within the value, half within ``low``, all within ``high``.

    Parameters
    ----------
    section : str
        ``READING`` or one of the values of ``GIVEN``.
    quantity : str
        Of a reading ``median``, ``survival`` (percentage points) or ``restricted_mean``; else ``hazard_ratio`` or
        ``standard_error`` (of its logarithm).
    n : int, optional
        Patients; unknown counts as few.

    Raises
    ------
    SourceError
        If there is no such fact.
    """
    size = "large" if n is not None and n >= SMALL else "small"
    return read_facts(__package__, "accuracy_facts.toml")[f"{section}.{size}.{quantity}"]


def accuracy_words(given: str, *, n: int | None = None) -> str:
    """What the numbers of a curve may be used for.

    Parameters
    ----------
    given : str
        One of ``GIVEN``, or ``nothing``.
    n : int, optional
        Patients.
    """
    median, survival = (accuracy_fact(READING, name, n=n) for name in ("median", "survival"))
    size = f"{SMALL} patients or more" if n is not None and n >= SMALL else f"fewer than {SMALL} patients"
    parts = [
        f"On curves of {size} redrawn from known data, 9 of 10 medians came back within {median.value:g} %"
        f" (worst {median.high:g} %, where a curve is level) and 9 of 10 survival values within {survival.value:g}"
        f" percentage points (worst {survival.high:g})"
    ]
    if given not in GIVEN:
        parts.append("Without the number of patients there is no interval, no individual data and no hazard ratio")
        return ". ".join(parts) + "."
    ratio, error = (accuracy_fact(GIVEN[given], name, n=n) for name in ("hazard_ratio", "standard_error"))
    if given == "patients":
        parts.append(
            "Without numbers at risk or the number of events use the median only: hazard ratios were off by up to"
            f" {ratio.high:g} % and their standard errors by up to {error.high:g} %, so none is given"
        )
    else:
        parts.append(f"9 of 10 hazard ratios came back within {ratio.value:g} % (worst {ratio.high:g} %)")
    if given == "patients and events":
        parts.append("Without numbers at risk the times of censoring are assumed")
    return ". ".join(parts) + "."
