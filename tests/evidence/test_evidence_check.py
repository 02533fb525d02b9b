"""Every known way to get a row wrong is caught, and a sound row is left alone."""

import pytest
from small_evidence import base_of, cell_problems, codes, row

from locoregional.evidence.check import accepted, check_base


def test_sound_rows_have_no_problem():
    names = ("studies", "outcomes", "prognostic_factors", "criteria", "standards", "audit")
    assert [p for n in names for p in cell_problems(n)] == []
    assert check_base(base_of(*(row(n) for n in names))) == []


CELLS = [
    ("outcomes", {"organ": "livr"}, "organ", "Did you mean liver"),
    ("outcomes", {"organ": "pancreas"}, "organ", "Known: liver"),
    ("outcomes", {"procedure": "rtfa"}, "procedure", "rfa"),
    ("outcomes", {"value": "25,0"}, "value", "decimal point"),
    ("outcomes", {"value": "34.5-62.5"}, "value", "low and high"),
    ("outcomes", {"value": "<10"}, "value", "low and high"),
    ("outcomes", {"value": "nan"}, "value", "number alone"),
    ("outcomes", {"total": "0"}, "total", "Correct"),
    ("outcomes", {"total": "51.5"}, "total", "number alone"),
    ("outcomes", {"n": "-1"}, "n", "Correct"),
    ("outcomes", {"time_months": "-3"}, "time_months", "unit is right"),
    ("outcomes", {"level": "95"}, "level", "unit is right"),
    ("outcomes", {"locator": "one two three four five six seven eight nine"}, "locator", "Shorten"),
    ("outcomes", {"verdict": "agree"}, "verdict", "agrees"),
    ("outcomes", {"verdict": ""}, "verdict", "Fill it in"),
    ("outcomes", {"id": "x 1"}, "id", "Leave it empty"),
    ("outcomes", {"id": "Mine-O01"}, "id", "Leave it empty"),
    ("studies", {"year": "209"}, "year", "Correct"),
    ("studies", {"breast": "some"}, "breast", "Known: yes, no, mixed"),
    ("studies", {"organ": ""}, "organ", "Fill it in"),
    ("figure_cases", {"age_years": "7"}, "age_years", "Correct"),
]


@pytest.mark.parametrize(("name", "cells", "column", "remedy"), CELLS, ids=[f"{c[0]}-{c[1]}" for c in CELLS])
def test_bad_cells(name, cells, column, remedy):
    from small_evidence import DEFAULTS

    DEFAULTS.setdefault(name, {})
    found = [p for p in cell_problems(name, **cells) if p.column == column]
    assert len(found) == 1
    assert remedy in found[0].remedy


OUTCOMES = [
    ({"value": "250", "primary_value": "250"}, "percent", False),
    ({"n": "60", "primary_n": "60"}, "count", False),
    ({"n": "14", "primary_n": "14"}, "share", False),
    ({"n": "", "value": "24", "primary_n": "", "primary_value": "24"}, "grim", True),
    ({"value": "26.9", "n": "14", "primary_value": "26.9", "primary_n": "14"}, None, None),
    ({"value": "26", "n": "14", "primary_value": "26", "primary_n": "14"}, "truncated", True),
    ({"value": "0.25", "primary_value": "0.25"}, "fraction", False),
    ({"value": "0.25", "primary_value": "0.25", "n": "", "primary_n": "", "estimator": "kaplan-meier"}, "fraction", True),
    ({"low": "30", "high": "40", "level": "0.95"}, "interval", False),
    ({"primary_low": "14", "primary_high": "38"}, "schema", False),
    ({"low": "40", "high": "20", "level": "0.95"}, "interval", False),
    ({"low": "15", "high": "40"}, "schema", False),
    ({"unit": "months", "poolable": "no", "why_not": "x"}, "unit", False),
    ({"study": "Melony2009"}, "link", False),
    ({"source_of_primary": "nobody1999"}, "link", False),
    ({"source_of_primary": ""}, "verdict", False),
    ({"verdict": "unverified"}, "verdict", False),
    ({"primary_value": "", "primary_n": "", "primary_total": ""}, "verdict", False),
    ({"verdict": "differs"}, "verdict", False),
    ({"primary_value": "35", "primary_n": "18"}, "verdict", False),
    (
        {"total": "55", "n": "", "value": "20", "primary_n": "", "primary_value": "20", "primary_total": "55"},
        "denominator",
        False,
    ),
    ({"directness": "mixed"}, "directness", False),
    ({"directness": "borrowed"}, "directness", False),
    ({"poolable": "no"}, "why_not", False),
    ({"n": "", "total": "", "primary_n": "", "primary_total": ""}, "poolable", False),
    ({"unit_of_analysis": "study range", "estimator": "range"}, "poolable", False),
    ({"locator": ""}, "schema", False),
    ({"estimand": "os_at_t", "estimator": "kaplan-meier"}, "time", False),
]


@pytest.mark.parametrize(("cells", "code", "question"), OUTCOMES, ids=[f"{c[1]}-{n}" for n, c in enumerate(OUTCOMES)])
def test_bad_outcomes(cells, code, question):
    found = codes(check_base(base_of(row("outcomes", **cells))))
    assert found == (set() if code is None else {(code, question)})


TIMES = {
    "estimand": "os_median", "value": "29.9", "unit": "months", "n": "", "total": "52", "estimator": "median",
    "clock": "first RFA", "printed": "29.9 months", "primary_value": "29.9", "primary_n": "", "primary_total": "52",
}  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, set()),
        ({"value": "-3", "primary_value": "-3"}, {("negative", False)}),
        ({"value": "130", "primary_value": "130", "printed": "130 months"}, {("long", True)}),
        ({"value": "35", "primary_value": "35", "printed": "35 weeks"}, {("weeks", False)}),
        ({"value": "35", "primary_value": "35", "printed": "35 weeks", "unit": "weeks"}, set()),
        ({"clock": ""}, {("clock", False)}),
        ({"total": "", "primary_total": ""}, {("poolable", False)}),
    ],
)
def test_bad_times(cells, expected):
    found = codes(check_base(base_of(row("outcomes", **{**TIMES, **cells}))))
    # the printed side of the review is a question, the study's own side an error; either way it is said once at least
    assert {c for c, _ in found} == {c for c, _ in expected}


def test_survival_that_rises_is_refused():
    early = {**TIMES, "id": "O002", "estimand": "os_at_t", "value": "40", "unit": "%", "time_months": "12", "printed": "40 %"}
    early |= {"estimator": "kaplan-meier", "primary_value": "40"}
    late = {**early, "id": "O003", "value": "55", "primary_value": "55", "time_months": "24", "printed": "55 %"}
    problems = check_base(base_of(row("outcomes", **TIMES), row("outcomes", **early), row("outcomes", **late)))
    words = " ".join(p.words for p in problems)
    assert "survival rises from 40 % at 12 to 55 % at 24 months" in words
    assert "40 % live at 12 months and half at 29.9 months" in words


def test_outcome_twice():
    again = row("outcomes", id="O002", printed="25 %")
    assert codes(check_base(base_of(row("outcomes"), again))) == {("duplicate", False)}
    other = row("outcomes", id="O002", value="27", n="14", primary_value="27", primary_n="14")
    assert codes(check_base(base_of(row("outcomes"), other))) == {("duplicate", True)}
    lesions = row("outcomes", id="O002", unit_of_analysis="lesion")
    assert check_base(base_of(row("outcomes"), lesions)) == []


def test_breast_subgroup_of_a_mixed_study():
    study = row("studies", breast="no")
    assert codes(check_base(base_of(study, row("outcomes")))) == {("directness", False)}
    assert check_base(base_of(study, row("outcomes", subgroup="breast"))) == []
    assert check_base(base_of(study, row("outcomes", directness="borrowed"))) == []


FACTORS = [
    ("prognostic_factors", {"threshold": "2.5"}, {("diameter", True)}),
    ("prognostic_factors", {"threshold": "2.5", "unit": "cm"}, {("unit", False)}),
    ("prognostic_factors", {"threshold": "large"}, {("threshold", False)}),
    ("prognostic_factors", {"effect_low": "2.5", "effect_high": "4"}, {("interval", False)}),
    ("prognostic_factors", {"effect_low": "4", "effect_high": "2"}, {("interval", False)}),
    ("prognostic_factors", {"effect_low": "1.1", "effect_high": "4.01", "p_value": "0.024"}, set()),
    ("prognostic_factors", {"effect_low": "1.1", "effect_high": "4.01", "p_value": "0.4"}, {("p_value", True)}),
    ("prognostic_factors", {"p_value": "5"}, {("p_value", False)}),
    ("prognostic_factors", {"study": "Nobody2001"}, {("link", False)}),
    ("criteria", {"threshold": "3"}, {("diameter", True)}),
    ("criteria", {"threshold": "30", "unit": "cm"}, {("diameter", True)}),
    ("criteria", {"source": "nobody1999"}, {("link", False)}),
    ("criteria", {"op": "<", "threshold": "few", "criterion": "lesions", "unit": "1"}, {("threshold", False)}),
    ("standards", {"low": "40", "high": "50"}, {("interval", False)}),
    ("standards", {"value": "120", "unit": "%"}, {("percent", False)}),
    ("audit", {"rows": "O001|O999"}, {("link", False)}),
    ("audit", {"rows": ""}, {("rows", True)}),
]


@pytest.mark.parametrize(("name", "cells", "expected"), FACTORS, ids=[f"{f[0]}-{n}" for n, f in enumerate(FACTORS)])
def test_bad_facts(name, cells, expected):
    rows = [row("outcomes")] if name == "audit" else []
    assert codes(check_base(base_of(row(name, **cells), *rows))) == expected


def test_studies_twice():
    again = row("studies", id="Melloni2009")
    assert codes(check_base(base_of(row("studies"), again))) == {("duplicate", False)}


def test_accepted_questions_are_not_asked_again():
    cells = {"n": "", "value": "24", "primary_n": "", "primary_value": "24"}
    assert codes(check_base(base_of(row("outcomes", **cells)))) == {("grim", True)}
    note = "[accepted: grim] 24 % of 52 is no whole number"
    assert accepted(note) == {"grim"}
    assert check_base(base_of(row("outcomes", **cells, note=note))) == []


def test_a_defect_of_the_review_that_the_audit_lists_is_no_defect_of_the_table():
    cells = {"value": "24", "n": "", "verdict": "differs", "primary_words": "25 %", "printed": "24 %"}
    assert codes(check_base(base_of(row("outcomes", **cells)))) == {("grim", True)}
    assert check_base(base_of(row("outcomes", **cells), row("audit"))) == []
