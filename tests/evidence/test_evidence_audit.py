import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_evidence import base_of, row

from locoregional.evidence.audit import findings, recomputed
from locoregional.evidence.calculations.factors import two_sided_p


def found(*rows):
    return {r.calculated.code: r for r in recomputed(base_of(*rows))}


UNVERIFIED = {
    "verdict": "unverified", "primary_value": "", "primary_n": "", "primary_total": "", "source_of_primary": "",
}  # fmt: skip


def response(name, number, **cells):
    """Share of a response category, with another id for each."""
    ids = {"complete_response": "O011", "partial_response": "O012", "stable_disease": "O013", "progressive_disease": "O014"}
    ids |= {"objective_response": "O015", "disease_control": "O016"}
    return row("outcomes", id=ids[name], estimand=name, value=str(number), n="", total="", **{**UNVERIFIED, **cells})


def test_denominator_of_the_review_is_matched_to_the_listed_finding():
    printed = row("outcomes", verdict="differs", total="51", printed="25% (13/51)")
    one = found(printed, row("audit"))["denominator"]
    assert one.listed == ("A01",)
    assert one.words == "also listed as A01"
    assert "51 of the study's 52 patients" in one.calculated.words
    alone = found(printed)["denominator"]
    assert alone.words == "found by calculation"
    other = row("audit", kind="inverted word", problem="reduction", correction="restoration", basis="primary abstract seen")
    assert found(printed, other)["denominator"].listed == ()


def test_categories_must_add_up():
    parts = [response("partial_response", 13), response("stable_disease", 50.5), response("progressive_disease", 36.5)]
    assert "sum" not in found(*parts)
    assert "more than all" in found(*parts[:2], response("progressive_disease", 46.5))["sum"].calculated.words
    assert "10 % unexplained" in found(*parts[:2], response("progressive_disease", 26.5))["sum"].calculated.words
    control = response("disease_control", 83)
    assert "sum" not in found(control, response("partial_response", 13))
    assert (
        "parts add up to 97 %"
        in found(control, response("partial_response", 60), response("stable_disease", 37))["sum"].calculated.words
    )
    both = [response("complete_response", 5), response("partial_response", 20)]
    assert "sum" not in found(response("objective_response", 25), *both)
    assert found(response("objective_response", 40), *both)["sum"].calculated.certain


def test_the_whole_lies_between_its_parts():
    small = row("outcomes", id="O011", estimand="complete_ablation", subgroup="<3 cm", value="81", n="", total="", **UNVERIFIED)
    large = row("outcomes", id="O012", estimand="complete_ablation", subgroup=">=3 cm", value="43", n="", total="", **UNVERIFIED)
    whole = {"id": "O013", "estimand": "technical_efficacy", "in_review": "no", "n": "125", "total": "135", "value": "92.6"}
    whole |= {"primary_n": "125", "primary_total": "135", "primary_value": "92.6"}
    one = found(small, large, row("outcomes", **whole))["subgroups"]
    assert one.calculated.rows == ("O011", "O012", "O013")
    whole |= {"n": "90", "value": "66.7", "primary_n": "90", "primary_value": "66.7"}
    assert "subgroups" not in found(small, large, row("outcomes", **whole))


TIME = {"estimand": "os_median", "unit": "months", "n": "", "total": "52", "estimator": "median", "clock": "first", **UNVERIFIED}


def test_times():
    weeks = row("outcomes", **{**TIME, "value": "35", "unit": "weeks", "printed": "35 weeks"})
    assert "35 weeks are 8.05 months" in found(weeks)["unit"].calculated.words
    tail = found(row("outcomes", **{**TIME, "value": "47", "printed": "47 months"}))["tail"].calculated.words
    assert "2.5 times the median follow-up of 19.1" in tail
    two = row("studies", follow_up="median 19.1 mo from RFA; median 37.2 mo from diagnosis of liver metastasis")
    late = {**TIME, "value": "42", "printed": "42 months"}
    assert "tail" not in found(two, row("outcomes", **{**late, "clock": "diagnosis of liver metastasis"})), (
        "37.2 months of follow-up"
    )
    assert (
        "times the median follow-up of 19.1"
        in found(two, row("outcomes", **{**late, "clock": "first RFA"}))["tail"].calculated.words
    )
    only = row("studies", follow_up="median 19.1 mo from RFA")
    assert "tail" not in found(only, row("outcomes", **{**late, "clock": "diagnosis"})), "counted from another event"
    median = row("outcomes", **{**TIME, "value": "13.3", "printed": "13.3 months"})
    mean = row(
        "outcomes", **{**TIME, "id": "O002", "estimand": "os_mean", "estimator": "mean", "value": "24", "printed": "24 months"}
    )
    assert "1.80" in found(median, mean)["mean"].calculated.words
    fair = row(
        "outcomes", **{**TIME, "id": "O002", "estimand": "os_mean", "estimator": "mean", "value": "19", "printed": "19 months"}
    )
    assert "mean" not in found(median, fair)


def test_printed_against_the_study():
    differs = row("outcomes", verdict="differs", value="30", n="", printed="30 %")
    assert "value is printed as 30, the study says 25" in found(differs)["source"].calculated.words
    rounded = row("outcomes", n="", primary_value="25.4", primary_n="")
    assert "source" not in found(rounded)
    assert "verdict" not in found(rounded)


def test_factors():
    def factor(**cells):
        return row("prognostic_factors", **cells)

    clash = found(factor(), factor(id="P02", threshold="30"), factor(id="P03", threshold="40", direction="none"))["threshold"]
    assert "25, 30 mm" in clash.calculated.words
    study = row("studies"), row("studies", id="Bai2019", bib="bai2019", ref_no="8")
    conflict = found(*study, factor(direction="none"), factor(id="P02", study="Bai2019"))["conflict"]
    assert conflict.calculated.rows == ("P01", "P02")
    assert "conflict" not in found(factor(direction="none"), factor(id="P02"))
    unsaid = factor(id="P02", study="Bai2019", direction="not said", threshold="30")
    assert not {"conflict", "threshold"} & set(found(*study, factor(), unsaid)), "a factor without direction contradicts nothing"


@given(st.floats(0.05, 20), st.floats(1.05, 30))
def test_p_value_from_an_interval(ratio, spread):
    p = two_sided_p(ratio, low=ratio / spread, high=ratio * spread)
    assert 0 <= p <= 1
    assert (p < 0.05) == (not ratio / spread <= 1 <= ratio * spread) or abs(p - 0.05) < 1e-4
    assert p == pytest.approx(two_sided_p(1 / ratio, low=1 / ratio / spread, high=spread / ratio), rel=1e-9)


def test_published_hazard_ratio_fits_its_p_value():
    assert two_sided_p(2.22, low=1.13, high=4.36) == pytest.approx(0.02, abs=0.002)


def test_findings_by_severity_reference_and_age():
    rows = [
        row("audit", id="A01", severity="minor", ref="5-15", rows=""),
        row("audit", id="A02", ref="38/39", rows="", found="new"),
        row("audit", id="A03", severity="moderate", ref="24", rows=""),
    ]
    base = base_of(*rows)
    assert [f.id for f in findings(base)] == ["A02", "A03", "A01"]
    assert [f.id for f in findings(base, severity="grave")] == ["A02"]
    assert [f.id for f in findings(base, ref="7")] == ["A01"]
    assert [f.id for f in findings(base, ref="39")] == ["A02"]
    assert [f.id for f in findings(base, new=True)] == ["A02"]


def test_intervals_narrower_than_the_patients_allow():
    wide = {"low": "14", "high": "39", "level": "0.95"}
    assert "narrow" not in found(row("outcomes", **wide))
    assert "52 patients give about 23" in found(row("outcomes", **{**wide, "low": "22", "high": "28"}))["narrow"].calculated.words
    assert "narrow" not in found(row("outcomes", **{**wide, "low": "22", "high": "28", "level": "0.5"}))
    median = {**TIME, "value": "20", "printed": "20 months", "level": "0.95"}
    assert "narrow" in found(row("outcomes", **{**median, "low": "19", "high": "21"}))
    assert "narrow" not in found(row("outcomes", **{**median, "low": "15", "high": "27"}))


def test_percentage_without_denominator_against_the_size_of_the_study():
    unsaid = {"value": "61", "n": "", "total": "", "printed": "61 %", **UNVERIFIED}
    assert "another one than the study's 52" in found(row("outcomes", **{**unsaid, "value": "24"}))["unsaid"].calculated.words
    assert "unsaid" not in found(row("outcomes", **{**unsaid, "value": "25"}))
    assert "unsaid" not in found(row("outcomes", **{**unsaid, "value": "24", "subgroup": "by PET"}))
    assert "unsaid" not in found(row("outcomes", **{**unsaid, "value": "24", "estimator": "kaplan-meier"}))


def test_sizes_of_a_study():
    study = row("studies", n_patients_printed="34", n_patients_primary="24")
    assert "prints 34 patients, the study says 24" in found(study)["source"].calculated.words
