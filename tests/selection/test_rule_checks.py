"""What keeps rules from deciding wrongly in silence: no rule, only bounds, another unit, wrong types, changes unseen."""

from dataclasses import replace

import pytest

from locoregional.case import Case, Disease, Lesion, Organ, Patient
from locoregional.errors import SourceError
from locoregional.procedures.considered import considered, refuse_unknown, shipped_rules
from locoregional.selection.assess import assess
from locoregional.selection.condition import Condition, condition
from locoregional.selection.datum import Between
from locoregional.selection.profile import Profile
from locoregional.selection.rule_diff import rules_changed
from locoregional.selection.rule_export import read_exported, rules_text
from locoregional.selection.rule_file import read_table, rules_of

SAID = 'source = "meloni2009"\nwhere = "abstract"\nstatus = "verified"\ndirectness = "breast"\n'
HEAD = '[organs.x]\nvalue = ["liver"]\nsource = "meloni2009"\nwhere = "abstract"\nstatus = "verified"\n'
START = '[[rule]]\nid = "r"\nwords = "w"\neffect = "required"\n'
PROCEDURE = '[[procedure]]\nname = "{name}"\n' + HEAD.replace("[organs.x]", "[procedure.organs]")


def rules(text):
    return rules_of(read_table(HEAD + text, where="test"), "x", short="test")


def simple(datum="diameter_mm", op="<", value="4", more=""):
    return rules(START + f'datum = "{datum}"\nop = "{op}"\nvalue = {value}\n{more}' + SAID)


def case():
    return Case(Patient("p"), Disease(), (Lesion("L1", organ=Organ.LIVER, diameter_mm=20.0),))


class Bounded:
    """A profile that knows one number by its bounds."""

    def __init__(self, low, high):
        self.bounds = Between(low, high)

    def value(self, _name):
        return self.bounds


@pytest.mark.parametrize(
    "text",
    [
        "",
        (START + 'datum = "diameter_mm"\nop = ">"\nvalue = 0\n' + SAID).replace('"verified"', '"unverified"'),
        START.replace("required", "caution") + 'datum = "diameter_mm"\nop = ">"\nvalue = 0\n' + SAID,
        START + 'datum = "diameter_mm"\nop = ">"\nvalue = 0\nwhen = [["organ", "is", "lung"]]\n' + SAID,
    ],
)
def test_where_no_firm_rule_is_read_nothing_is_indicated(text):
    made = case()
    option = assess(rules(text), Profile(made, made.lesions[0]), title="X")
    assert option.answer == "cannot say"
    assert "no rule that could speak against it was read" in option.words
    assert "every deciding rule is met" not in option.words


def test_an_unverified_rule_alone_is_named_where_it_speaks_against():
    made = case()
    text = (START + 'datum = "diameter_mm"\nop = "<"\nvalue = 4\n' + SAID).replace('"verified"', '"unverified"')
    option = assess(rules(text), Profile(made, made.lesions[0]), title="X")
    assert "Unverified, against it: w" in option.words


@pytest.mark.parametrize("field", ["any", "all"])
def test_a_rule_without_a_test_is_refused(field):
    with pytest.raises(SourceError, match=f"{field} is empty"):
        rules(START + f"{field} = []\n" + SAID)


@pytest.mark.parametrize(
    ("op", "value", "holds"),
    [
        ("is", 3, None), ("is not", 3, None), ("is", 1, None), ("is not", 5, None), ("is", 6, False), ("is not", 6, True),
        ("in", [0, 3], None), ("not in", [0, 3], None), ("in", [0, 6], False), ("not in", [0, 6], True),
        ("<", 6, True), ("<", 3, None), (">", 5, False),
    ],
)  # fmt: skip
def test_bounds_decide_only_what_holds_for_every_value_between(op, value, holds):
    assert condition("inr", op, value, where="test").holds(Bounded(1, 5)) is holds


@pytest.mark.parametrize(
    ("op", "value", "holds"), [("is", 3, True), ("is not", 3, False), ("in", [3, 4], True), ("not in", [3], False)]
)
def test_equal_bounds_are_a_plain_number(op, value, holds):
    assert condition("inr", op, value, where="test").holds(Bounded(3, 3)) is holds


def test_a_unit_is_the_one_in_which_the_case_holds_the_datum():
    with pytest.raises(SourceError, match=r"diameter_mm is held in mm, not in 'cm'"):
        simple(more='unit = "cm"\n')
    with pytest.raises(SourceError, match=r"inr is held in no unit, not in 'mm'"):
        simple(datum="inr", more='unit = "mm"\n')
    with pytest.raises(SourceError, match="without a datum"):
        rules(START + 'unit = "mm"\nall = [["diameter_mm", "<", 4]]\n' + SAID)
    assert simple().rules[0].fact.unit == "mm", "a unit left out is that of the datum"
    for datum, unit, kept in (
        ("life_expectancy_months", "months", "month"),
        ("life_expectancy_months", "month", "month"),
        ("age_years", "years", "year"),
        ("platelets_giga_l", "x 10^9/l", "10^9/l"),
        ("platelets_giga_l", "10^9/l", "10^9/l"),
        ("inr", "1", "1"),
    ):
        assert simple(datum=datum, more=f'unit = "{unit}"\n').rules[0].fact.unit == kept


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (START + 'datum = "diameter_mm"\nop = "<"\nvalue = nan\n' + SAID, "nan"),
        (START + 'datum = "diameter_mm"\nop = "<"\nvalue = inf\n' + SAID, "inf"),
        (START + 'datum = "inr"\nop = "is"\nvalue = [1, 2]\n' + SAID, "cannot use"),
        (START + 'datum = "inr"\nop = "in"\nvalue = [[1]]\n' + SAID, "cannot use"),
        (START + 'datum = "diameter_mm"\nop = "only"\nvalue = ["a"]\n' + SAID, "is a number in mm"),
        (START + 'datum = "diameter_mm"\nop = "is"\nvalue = "a"\n' + SAID, "is a number in mm"),
        (START + 'datum = "painful"\nop = "is"\nvalue = "yes"\n' + SAID, "yes or no"),
        (START + 'datum = "painful"\nop = ">"\nvalue = 1\n' + SAID, "yes or no"),
        (START + "datum = 3\nop = 4\nvalue = 1\n" + SAID, "datum is 3, not text"),
        (START + 'all = [[3, "<", 1]]\n' + SAID, "no name and comparison"),
        (START + 'all = "inr"\n' + SAID, "all is 'inr', not a list"),
        (START + 'datum = "inr"\nop = "<"\nvalue = 1\nlow = "a"\n' + SAID, "low is 'a', not a number"),
        (START + 'datum = "inr"\nop = "<"\nvalue = 1\norgans = "liver"\n' + SAID, "organs is 'liver', not a list"),
        (START + 'datum = "inr"\nop = "<"\nvalue = 1\n' + SAID.replace('"meloni2009"', "[]"), "source is"),
        (START.replace('"required"', '["required"]') + 'datum = "inr"\nop = "<"\nvalue = 1\n' + SAID, "effect is"),
        (START.replace("[[rule]]", "[rule]") + 'datum = "inr"\nop = "<"\nvalue = 1\n' + SAID, "two brackets"),
    ],
)
def test_a_field_of_the_wrong_type_is_refused_by_name(text, says):
    with pytest.raises(SourceError) as caught:
        rules(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"organs": 3}, "no [organs.x]"),
        ({"organs": {"x": "liver"}}, "no [organs.x]"),
        ({**read_table(HEAD, where="test"), "include": "thermal_ablation"}, "include is"),
        ({**read_table(HEAD, where="test"), "include": ["thermal_ablatoin"]}, "no shared set of rules"),
    ],
)
def test_a_malformed_head_of_a_file_is_refused(table, says):
    with pytest.raises(SourceError) as caught:
        rules_of(table, "x", short="test")
    assert says in str(caught.value)


def test_a_comparison_that_does_not_fit_what_the_case_holds_is_refused_by_name():
    made = case()
    with pytest.raises(SourceError, match=r"'only'.*does not fit lesions_in_organ"):
        condition("lesions_in_organ", "only", ["a"], where="test").holds(Profile(made, made.lesions[0]))
    with pytest.raises(SourceError, match="does not fit inr"):
        Condition("inr", "is", "a").holds(Bounded(1, 5))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('procedure = ["name organs"]\n', "no [[procedure]]"),
        ("[[procedure]]\nname = 3\norgans = 4\n", "no [[procedure]]"),
        ('[[procedure]]\nname = "rfa"\norgans = 4\n', "no [organs.rfa]"),
        (PROCEDURE.format(name="rfa") * 2, "'rfa' stands twice"),
        (PROCEDURE.format(name="rfa") + "[procedure.rule]\nid = 1\n", "two brackets"),
    ],
)
def test_a_malformed_file_of_all_rules_is_refused(tmp_path, text, says):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        read_exported(path)
    assert says in str(caught.value)


def test_rules_of_an_unknown_procedure_are_refused_with_near_names():
    with pytest.raises(SourceError, match="no procedure called 'rfaa'") as caught:
        list(considered(case(), rules={"rfaa": shipped_rules()["rfa"]}))
    assert "Known: rfa" in str(caught.value)
    refuse_unknown(shipped_rules(), where="test")


def test_an_export_reads_back_without_a_difference(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(rules_text(shipped_rules(), version="1"), encoding="utf-8")
    assert rules_changed(shipped_rules(), read_exported(path)) == ()


def test_every_part_of_a_set_of_rules_is_compared():
    before = shipped_rules()["rfa"]
    rule, advice = before.rules[0], before.advice[0]
    nearby = (condition("inr", "<", 2, where="test"),)
    cases = [
        ("organs", "organs: liver", replace(before, organs=frozenset({"liver"}))),
        *(
            (rule.id, said, replace(before, rules=(changed, *before.rules[1:])))
            for said, changed in (
                ("words: other", replace(rule, words="other")),
                ("where: p. 9", replace(rule, fact=replace(rule.fact, where="p. 9"))),
                ("note: seen", replace(rule, fact=replace(rule.fact, note="seen"))),
            )
        ),
        *(
            (f"advice {advice.id}", said, replace(before, advice=(changed, *before.advice[1:])))
            for said, changed in (
                ("words: else", replace(advice, words="else")),
                ("given: (INR < 2)", replace(advice, when=(), nearby=nearby)),
            )
        ),
    ]
    for subject, said, after in cases:
        (found,) = rules_changed({"rfa": before}, {"rfa": after})
        assert (found.subject, found.after) == (subject, said)
    gone = rules_changed({"rfa": before}, {})
    assert len(gone) == 1 + len(before.rules) + len(before.advice)
    assert all(c.before and not c.after for c in gone)
