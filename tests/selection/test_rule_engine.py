"""Rules as data: three-valued logic, effects, files, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locoregional.case import Case, Disease, Labs, Lesion, Organ, Patient
from locoregional.errors import SourceError
from locoregional.scores.three_valued import all_of, any_of
from locoregional.selection.assess import answer_of, assess
from locoregional.selection.condition import condition
from locoregional.selection.profile import Profile
from locoregional.selection.rule_file import read_table, rules_of

SAID = 'source = "meloni2009"\nwhere = "abstract"\nstatus = "verified"\ndirectness = "breast"\n'
HEAD = '[organs.x]\nvalue = ["liver"]\nsource = "meloni2009"\nwhere = "abstract"\nstatus = "verified"\n'
LIMIT = (
    '[[rule]]\nid = "inr"\nwords = "INR at most 1.8"\neffect = "{effect}"\ndatum = "inr"\nop = "{op}"\nvalue = 1.8\nunit = "1"\n'
)
FIRM = '[[rule]]\nid = "size"\nwords = "Any size"\neffect = "required"\ndatum = "diameter_mm"\nop = ">"\nvalue = 0\n' + SAID
"""A rule that every lesion here meets."""


def rules(text):
    return rules_of(read_table(HEAD + text, where="test"), "x", short="test")


def profile(inr=None, **lesion):
    made = Lesion("L1", **{"organ": Organ.LIVER, "diameter_mm": 20.0, **lesion})
    return Profile(Case(Patient("p"), Disease(labs=Labs(inr=inr)), (made,)), made)


def answer(text, **known):
    return assess(rules(text), profile(**known), title="X").answer


@pytest.mark.parametrize(
    ("effect", "op", "low", "high", "unknown"),
    [
        ("required", "<=", "indicated", "not indicated", "cannot say"),
        ("favourable", "<=", "indicated", "possible", "possible"),
        ("excluding", ">", "indicated", "contraindicated", "cannot say"),
        ("caution", ">", "indicated", "indicated", "indicated"),
        ("preference", "<=", "indicated", "indicated", "indicated"),
    ],
)
def test_what_each_effect_does(effect, op, low, high, unknown):
    text = FIRM + LIMIT.format(effect=effect, op=op) + SAID
    assert [answer(text, inr=1.0), answer(text, inr=2.5), answer(text)] == [low, high, unknown]


@pytest.mark.parametrize("effect", ["required", "excluding"])
def test_an_unverified_rule_never_excludes_and_never_passes_in_silence(effect):
    doubted = SAID.replace('"verified"', '"unverified"')
    text = FIRM + LIMIT.format(effect=effect, op="<=" if effect == "required" else ">") + doubted
    assert answer(text, inr=1.0) == "indicated"
    against = assess(rules(text), profile(inr=2.5), title="X")
    assert against.answer == "possible"
    assert "unverified" in against.words
    assert answer(text) == "possible"


def test_cannot_say_tells_what_is_missing_and_what_else_it_would_be():
    text = LIMIT.format(effect="required", op="<=") + SAID
    option = assess(rules(text), profile(), title="X")
    assert option.missing == ("INR",)
    assert option.otherwise == "indicated"
    assert "At best indicated" in option.words


def test_another_organ_is_answered_by_one_rule_with_a_source():
    option = assess(rules(LIMIT.format(effect="required", op="<=") + SAID), profile(inr=1.0, organ=Organ.LUNG), title="X")
    assert (option.answer, len(option.rules), option.rules[0].source) == ("not indicated", 1, "meloni2009")


def test_a_rule_that_may_not_apply_is_open_only_where_that_matters():
    where = 'when = [["painful", "is", true]]\n'
    text = FIRM + LIMIT.format(effect="required", op="<=") + where + SAID
    assert answer(text, inr=2.5, painful=False) == "indicated"
    assert answer(text, inr=2.5, painful=True) == "not indicated"
    assert answer(text, inr=2.5) == "cannot say"
    assert answer(text, inr=1.0) == "indicated", "met whether it applies or not"
    text = FIRM + LIMIT.format(effect="excluding", op=">") + where + SAID
    assert answer(text, inr=1.0) == "indicated"
    assert answer(text, inr=2.5) == "cannot say"


def test_evidence_of_another_procedure_is_borrowed():
    rule = rules(LIMIT.format(effect="required", op="<=") + 'from_procedures = ["rfa"]\n' + SAID).rules[0]
    assert (rule.fact.status, rule.directness) == ("borrowed", "borrowed")
    assert "rfa" in rule.fact.note


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LIMIT.format(effect="required", op="=<") + SAID, "no comparison"),
        (LIMIT.format(effect="needed", op="<=") + SAID, "effect"),
        (LIMIT.format(effect="required", op="<=").replace('"inr"\nop', '"inrr"\nop') + SAID, "no datum"),
        (LIMIT.format(effect="required", op="<=") + SAID.replace("meloni2009", "nobody1900"), "nobody1900"),
        (LIMIT.format(effect="required", op="<=") + SAID.replace('"verified"', '"sure"'), "sure"),
        (LIMIT.format(effect="required", op="<=") + SAID.replace('"breast"', '"human"'), "directness"),
        (LIMIT.format(effect="required", op="<="), "lacks"),
        (LIMIT.format(effect="required", op="<=").replace("value = 1.8\n", "") + SAID, "op and value"),
        (LIMIT.format(effect="required", op="<=") + "threshold = 2\n" + SAID, "unknown field"),
        ((LIMIT.format(effect="required", op="<=") + SAID) * 2, "stands twice"),
        ('[[rule]]\nid = "a"\nwords = "w"\neffect = "required"\nany = [["inr", "<="]]\n' + SAID, "not \\[datum"),
    ],
)
def test_a_malformed_rule_is_refused_by_name(text, says):
    with pytest.raises(SourceError, match=says):
        rules(text)


def test_a_set_needs_a_list_and_a_file_needs_its_organs():
    with pytest.raises(SourceError, match="needs a list"):
        condition("extrahepatic", "only", "bone", where="test")
    with pytest.raises(SourceError, match=r"organs\.y"):
        rules_of(read_table(HEAD, where="test"), "y", short="test")


truth = st.sampled_from([True, False, None])


@given(st.lists(truth, min_size=1, max_size=5))
def test_unknown_means_that_both_stay_possible(answers):
    """An answer is given exactly if every completion of the unknowns agrees."""
    holes = [i for i, a in enumerate(answers) if a is None]
    filled = []
    for code in range(2 ** len(holes)):
        full = list(answers)
        for bit, i in enumerate(holes):
            full[i] = bool(code >> bit & 1)
        filled.append(full)
    for join, plain in ((all_of, all), (any_of, any)):
        outcomes = {plain(f) for f in filled}
        assert join(answers) == (outcomes.pop() if len(outcomes) == 1 else None)


def test_the_answer_does_not_depend_on_the_order_of_rules():
    text = (
        LIMIT.format(effect="required", op="<=")
        + SAID
        + LIMIT.format(effect="excluding", op=">").replace('"inr"\nw', '"i2"\nw')
        + SAID
    )
    made = assess(rules(text), profile(inr=2.5), title="X").rules
    assert answer_of(made)[0] == answer_of(tuple(reversed(made)))[0] == "contraindicated"
    assert answer_of(replace(r, met=None) for r in made)[0] == "cannot say"
