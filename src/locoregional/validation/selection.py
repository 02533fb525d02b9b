"""Selection: the figure patients of the review against what was done to them, and invariants over random cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from locoregional.case import Case, RuleResult
from locoregional.figure_patients import figure_patient
from locoregional.procedures.considered import considered, shipped_rules
from locoregional.progress import Progress, silent
from locoregional.sources import bibliography
from locoregional.validation.random_cases import random_case
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Selection"
DONE = {
    "figure-1": (("mwa", "microwave ablation of the solitary liver metastasis"),),
    "figure-2": (("tare_resin", "yttrium-90, resin"), ("tare_glass", "yttrium-90, glass (the paper names neither)")),
    "figure-3": (("cryo", "cryoablation of the painful soft-tissue mass"),),
    "figure-4": (
        ("rfa", "radiofrequency of T10 and T11"),
        ("vertebroplasty", "cement in T10 and T11"),
        ("ablation_then_cement", "both, in this order"),
    ),
}
INTENT = {"figure-1": "curative", "figure-2": "palliative", "figure-3": "palliative"}
"""Intent that the paper's text or figure gives; Figure 4 names none."""
CASES = 400


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Share of lesions with the answer expected, and counts of broken invariants.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    synthetic = "data that the paper does not give were made up, before the rules were run"
    for name, done in DONE.items():
        options = list(considered(figure_patient(name)))
        for procedure, words in done:
            mine = [o for o in options if o.procedure == procedure]
            share = sum(o.answer == "indicated" for o in mine) / len(mine)
            yield Row(TOPIC, f"{name}: {words}: indicated", share, 1.0, "1", 0.0, "filippiadis2022", synthetic)
            if name in INTENT:
                fits = sum(o.intent == INTENT[name] for o in mine) / len(mine)
                yield Row(TOPIC, f"{name}: {procedure}: intent {INTENT[name]}", fits, 1.0, "1", 0.0, "filippiadis2022")
    yield from _invariants(progress)


def _invariants(progress: Progress) -> Iterator[Row]:
    unknown = gained = unsourced = turned = options = 0
    for seed in range(CASES):
        progress(seed / CASES, f"random case {seed + 1} of {CASES}")
        case = random_case(seed)
        made = list(considered(case))
        options += len(made)
        unknown += sum(o.answer == "indicated" and any(_open(r) for r in o.rules) for o in made)
        unsourced += sum(not _resolves(r.source, r.where) for o in made for r in o.rules)
        unsourced += sum(not _resolves(a.source, a.where) for o in made for a in o.advice)
        before = {(o.lesion_id, o.procedure): o.answer for o in made}
        turned += sum(before[o.lesion_id, o.procedure] != o.answer for o in considered(_turned(case)))
        worse = replace(case, disease=replace(case.disease, ecog=4, ascites=True, life_expectancy_months=1.0))
        gained += sum(
            o.answer == "indicated" and before[o.lesion_id, o.procedure] == "contraindicated" for o in considered(worse)
        )
    what = f"{options} options of {CASES} random cases, {len(shipped_rules())} procedures and combinations"
    for words, count in (
        ("indicated although a deciding datum is missing", unknown),
        ("contraindicated, and indicated in a worse patient", gained),
        ("another answer when the lesions are listed in reverse", turned),
        ("rules or advice without a source that resolves", unsourced),
    ):
        yield Row(TOPIC, words, float(count), 0.0, "1", 0.0, "definition", what)


def _open(rule: RuleResult) -> bool:

    return rule.effect in ("required", "excluding", "favourable") and rule.status != "unverified" and rule.met is None


def _resolves(source: str, where: str) -> bool:
    return source in bibliography() and bool(where)


def _turned(case: Case) -> Case:
    return replace(case, lesions=tuple(reversed(case.lesions)))
