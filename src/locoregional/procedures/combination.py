"""Procedures in a row, for example ablation and then cement: offered where every step is and their own rules allow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from locoregional.case import Option
from locoregional.case.option import ANSWERS
from locoregional.errors import SourceError
from locoregional.procedures import found, in_sentence
from locoregional.selection.consider import OPEN, consider
from locoregional.selection.profile import Profile
from locoregional.selection.rule_file import RuleSet, read_table, rules_of

__all__ = ["Combination", "capped", "combinations", "combine"]

ELSEWHERE = ("surgery", "radiotherapy")
"""Steps that other specialists take; they are named, and the case's own data speak for them."""


@dataclass(frozen=True)
class Combination:
    """Two or more procedures in one order.

    Attributes
    ----------
    name, title : str
        Short name and name in words.
    steps : tuple of tuple of str
        For each step the procedures of which one is taken.
    interval : str
        Time between the steps.
    rules : RuleSet
        Rules of the combination itself.
    family : str
        Where the board shows it.
    """

    name: str
    title: str
    steps: tuple[tuple[str, ...], ...]
    interval: str
    rules: RuleSet
    family: str = "combination"


@cache
def combinations() -> dict[str, Combination]:
    """Every combination by name, from ``combinations.toml``.

    Raises
    ------
    SourceError
        If one names a procedure that does not exist.
    """
    text = resources.files(__package__).joinpath("combinations.toml").read_text(encoding="utf-8")
    made = {}
    for entry in read_table(text, where="procedures/combinations.toml")["combination"]:
        name, steps = entry["name"], tuple(tuple(step) for step in entry["steps"])
        unknown = sorted({p for step in steps for p in step} - set(found()) - set(ELSEWHERE))
        if unknown:
            raise SourceError(f"no procedure called {unknown[0]!r}", where=name, remedy=f"Known: {', '.join(found())}.")
        table = {**entry, "organs": {name: entry["organs"]}}
        made[name] = Combination(
            name, entry["title"], steps, entry["interval"], rules_of(table, name, short="procedures.combinations")
        )
    return made


def combine(combination: Combination, profile: Profile, options: Mapping[str, Option]) -> Option:
    """Option of a combination for a lesion.

    Parameters
    ----------
    combination : Combination
        What is combined.
    profile : Profile
        The lesion of a case.
    options : dict
        Options of this lesion by procedure.

    Returns
    -------
    Option
        No better than its weakest step, and than its own rules.
    """
    curative = any(found()[name].curative for step in combination.steps for name in step if name in found())
    option = consider(combination.rules, profile, title=combination.title, curative=curative)
    if option.answer not in OPEN:
        return option
    best = [min((options[n] for n in step if n in options), key=_rank, default=None) for step in combination.steps]
    ours = [step for step in best if step is not None]
    weakest = max((option, *ours), key=_rank)
    chosen = ", then ".join(
        " or ".join(step) if found_ is None else f"{in_sentence(found()[found_.procedure].title)} ({found_.answer})"
        for step, found_ in zip(combination.steps, best, strict=True)
    )
    own = option.words.partition(": ")[2] if _rank(option) == _rank(weakest) and option.answer != "indicated" else ""
    against = f" Speaks against it: {own}" if own else ""
    words = f"{weakest.answer[:1].upper()}{weakest.answer[1:]}: {chosen}; {combination.interval}.{against}"
    missing = tuple(dict.fromkeys((*option.missing, *(m for step in ours for m in step.missing))))
    return replace(
        option,
        answer=weakest.answer,
        words=words,
        otherwise=max((o.otherwise or o.answer for o in (option, *ours)), key=ANSWERS.index) if weakest.otherwise else "",
        missing=missing,
        weighing=tuple(dict.fromkeys(w for step in (option, *ours) for w in step.weighing if w not in missing)),
        intent=option.intent if weakest.answer in OPEN else "",
        intent_words=option.intent_words if weakest.answer in OPEN else "",
    )


def capped(option: Option, answers: Mapping[str, str]) -> str:
    """Answer of a combination after persons decided on its steps: no better than the best way to take each step.

    Parameters
    ----------
    option : Option
        Of the combination, as the rules answered it.
    answers : dict of str to str
        By procedure of the same lesion, the answer that stands.

    Returns
    -------
    str
        One of `ANSWERS`; a step that was overruled for the better does not lift it.
    """
    combination = combinations().get(option.procedure)
    if combination is None or option.answer not in OPEN:
        return option.answer
    steps = [[ANSWERS.index(answers[n]) for n in step if n in answers] for step in combination.steps]
    return ANSWERS[max([ANSWERS.index(option.answer), *(min(ranks) for ranks in steps if ranks)])]


def _rank(option: Option) -> int:
    return ANSWERS.index(option.answer)
