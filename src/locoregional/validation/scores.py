"""Clinical scores against worked examples and test vectors that others printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from locoregional.progress import Progress, silent
from locoregional.scores.additive import Score
from locoregional.scores.albi import albi
from locoregional.scores.child_pugh import child_pugh
from locoregional.scores.ctcae import ctcae_event, ctcae_grade
from locoregional.scores.mirels import mirels
from locoregional.scores.table_file import read_table, read_toml
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Clinical scores"
_UMOL_PER_MG_DL = 17.1  # bilirubin, as livercalc converts it
_CUT = 0.01  # two decimals, cut off rather than rounded

# Grades that the tests of admiral expect, written from the document of CTCAE 5.0: value of the laboratory to grade.
_BELOW: dict[tuple[str, str], tuple[float, dict[float, int]]] = {
    ("anaemia", "haemoglobin_g_l"): (140.0, {79: 3, 80: 2, 99: 2, 100: 1, 139: 1, 140: 0}),
    ("platelets_decreased", "platelets_giga_l"): (100.0, {24: 4, 25: 3, 49: 3, 50: 2, 74: 2, 75: 1, 99: 1, 100: 0}),
    ("neutrophils_decreased", "neutrophils_giga_l"): (2.0, {0.49: 4, 0.5: 3, 0.99: 3, 1: 2, 1.49: 2, 1.5: 1, 1.9: 1, 2: 0}),
    ("lymphocytes_decreased", "lymphocytes_giga_l"): (1.0, {0.19: 4, 0.2: 3, 0.49: 3, 0.5: 2, 0.79: 2, 0.8: 1}),
    ("leukocytes_decreased", "leukocytes_giga_l"): (5.0, {0.9: 4, 1: 3, 1.9: 3, 2: 2, 2.9: 2, 3: 1, 4.9: 1, 5: 0}),
}
_UPPER = 40.0
_ABOVE: dict[str, dict[float, int]] = {
    "alt_increased": {801: 4, 800: 3, 201: 3, 200: 2, 121: 2, 120: 1, 41: 1, 40: 0},
    "alkaline_phosphatase_increased": {101: 2, 100: 1},
}
_ALT_ABNORMAL_BEFORE = {60: 1, 59: 0}
_CREATININE = {
    (241, 241): 4, (240, 230): 3, (121, 120): 3, (120, 119): 2, (61, 60): 2, (60, 60): 1, (41, 41): 1, (40, 40): 0,
    (42, 6): 3, (42, 13.9): 3, (42, 14): 2, (42.1, 28): 2,
}  # fmt: skip


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Points, values and grades beside the printed ones.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One worked example, or the largest difference over a set of test vectors.
    """
    progress(0.0, "Clinical scores: worked examples")
    yield from _examples()
    progress(0.5, "Clinical scores: grades of adverse events")
    yield from _grades()
    progress(1.0, "Clinical scores compared")


def _examples() -> Iterator[Row]:
    found = mirels(site="femur", pain="functional", lesion="lytic", size="1_3_to_2_3")
    yield _points("Mirels: lytic, femoral shaft, half of the diameter, functional pain", found, 10, "epomedicine_mirels")
    value = albi(bilirubin_umol_l=20.52, albumin_g_l=35).value or 0.0
    note = "the page cuts -2.109 to two decimals"
    yield Row(TOPIC, "ALBI: albumin 35 g/l, bilirubin 20.52 umol/l", value, -2.10, "1", _CUT, "calculatorcity_albi", note)
    found = child_pugh(
        bilirubin_umol_l=3.2 * _UMOL_PER_MG_DL, albumin_g_l=26, inr=2.0, ascites="mild", encephalopathy="grade_1_2"
    )
    yield _points("Child-Pugh: bilirubin 3.2 mg/dl, albumin 26 g/l, INR 2.0, mild, mild", found, 12, "medx_childpugh")
    found = child_pugh(
        bilirubin_umol_l=2.5 * _UMOL_PER_MG_DL, albumin_g_l=25, inr=1.8, ascites="none", encephalopathy="grade_1_2"
    )
    yield _points("Child-Pugh: bilirubin 2.5 mg/dl, albumin 25 g/l, INR 1.8, none, grade 1 to 2", found, 10, "livercalc")
    for name, most, source in (("sins", 18, "pacsde_sins"), ("tokuhashi", 15, "nice_cg75")):
        table = read_table(name)
        reached = sum(max(answer.points for answer in item.answers) for item in table.items)
        yield Row(TOPIC, f"{table.title}: most points of all items", reached, most, "points", 0.0, source)


def _points(name: str, score: Score, points: int, source: str) -> Row:
    value = float("inf") if score.points is None else float(score.points)
    return Row(TOPIC, name, value, points, "points", 0.0, source)


def _grades() -> Iterator[Row]:
    for (event, number), (limit, vectors) in _BELOW.items():
        ours = {v: _grade(event, {number: v, "lower_limit": limit}) for v in vectors}
        yield _largest(f"{ctcae_event(event).title} (CTCAE 5.0)", ours, vectors)
    for event, vectors in _ABOVE.items():
        ours = {v: _grade(event, {"baseline_abnormal": False, "times_uln": v / _UPPER}) for v in vectors}
        yield _largest(f"{ctcae_event(event).title} (CTCAE 5.0), normal before", ours, vectors)
    ours = {v: _grade("alt_increased", {"baseline_abnormal": True, "times_baseline": v / 40}) for v in _ALT_ABNORMAL_BEFORE}
    yield _largest("ALT increased (CTCAE 5.0), abnormal before", ours, _ALT_ABNORMAL_BEFORE)
    pairs = {(v, b): _grade("creatinine_increased", {"times_uln": v / _UPPER, "times_baseline": v / b}) for v, b in _CREATININE}
    yield _largest("Creatinine increased (CTCAE 5.0), normal limit and value before", pairs, _CREATININE)


def _grade(event: str, numbers: Mapping[str, bool | float]) -> int | None:
    """Grade by the laboratory alone: no other finding of the event is there."""
    findings = read_toml("ctcae5/measures")["findings"]
    others = {name: False for name in ctcae_event(event).measures if name in findings and name not in numbers}
    return ctcae_grade(event, **others, **numbers).grade


def _largest(name: str, ours: Mapping[Any, int | None], theirs: Mapping[Any, int]) -> Row:
    """Largest difference of a grade; a grade that stays open counts as six off."""
    apart = max(6 if (grade := ours[key]) is None else abs(grade - theirs[key]) for key in theirs)
    return Row(TOPIC, f"{name}: largest difference", apart, 0, "grade", 0.0, "admiral", f"{len(theirs)} vectors")
