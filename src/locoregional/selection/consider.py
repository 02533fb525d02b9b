"""A procedure considered for a lesion: the answer of the rules, the intent, what to expect, what to prepare."""

from __future__ import annotations

from dataclasses import replace

from locoregional.case import Option
from locoregional.selection.assess import assess
from locoregional.selection.expectation import expectation
from locoregional.selection.intent import intent_of
from locoregional.selection.kin import organs_of
from locoregional.selection.profile import Profile
from locoregional.selection.prognosis import prognosis
from locoregional.selection.rule_file import RuleSet

__all__ = ["OPEN", "consider"]

OPEN = ("indicated", "possible", "cannot say")
"""Answers that leave a procedure on the table."""


def consider(rules: RuleSet, profile: Profile, *, title: str, curative: bool) -> Option:
    """Option of one procedure for one lesion.

    Parameters
    ----------
    rules : RuleSet
        Rules and advice of the procedure.
    profile : Profile
        The lesion of a case.
    title : str
        Name of the procedure in words.
    curative : bool
        Whether it can be part of a treatment that aims at long remission.

    Returns
    -------
    Option
        Where the procedure is out of question, with its rules and advice only.
    """
    option = assess(rules, profile, title=title)
    organ = profile.lesion.organ.value
    if organ not in rules.organs:
        return option
    advice = tuple([a for rule in rules.advice_for(organ) if (a := rule.read(profile)) is not None])
    if option.answer not in OPEN:
        return replace(option, advice=tuple(a for a in advice if a.kind in ("for", "against")))
    intent, why = intent_of(profile, curative=curative)
    return replace(
        option,
        intent=intent,
        intent_words=why,
        expected=expectation(organs_of(profile.lesion)[0], rules.procedure),
        prognosis=prognosis(profile, rules.procedure),
        advice=advice,
    )
