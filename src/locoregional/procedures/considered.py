"""Every procedure and every combination considered for every lesion of a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from locoregional.case import Case, Option
from locoregional.errors import SourceError
from locoregional.procedures import found
from locoregional.procedures.combination import combinations, combine
from locoregional.progress import Progress, silent
from locoregional.selection.consider import consider
from locoregional.selection.profile import Profile
from locoregional.selection.rule_file import RuleSet

__all__ = ["considered", "refuse_unknown", "shipped_rules"]


def shipped_rules() -> dict[str, RuleSet]:
    """Rules of every procedure and combination, by name, in the order of the board."""
    rules = {name: item.rules for name, item in found().items()}
    return rules | {name: item.rules for name, item in combinations().items()}


def refuse_unknown(names: Iterable[str], *, where: str) -> None:
    """Refuse rules of procedures that do not exist: nothing would read them, and nobody would notice.

    Parameters
    ----------
    names : iterable of str
        Procedures that rules are given for.
    where : str
        Where they stand, for the message.

    Raises
    ------
    SourceError
        If one is neither a procedure nor a combination.
    """
    known = (*found(), *combinations())
    for name in names:
        if name not in known:
            near = get_close_matches(name, known) or known
            raise SourceError(f"no procedure called {name!r}", where=where, remedy=f"Known: {', '.join(near)}.")


def considered(case: Case, progress: Progress = silent, *, rules: Mapping[str, RuleSet] | None = None) -> Iterator[Option]:
    """Options of a case, lesion by lesion.

    Parameters
    ----------
    case : Case
        The case.
    progress : Progress
        Told how far it is.
    rules : dict, optional
        Rules by procedure in place of the shipped ones; a procedure without rules is left out.

    Yields
    ------
    Option
        Procedures first, then combinations.

    Raises
    ------
    SourceError
        If there are rules of a procedure that does not exist.
    """
    given = shipped_rules() if rules is None else rules
    refuse_unknown(given, where="rules")
    profile: Profile | None = None
    for i, lesion in enumerate(case.lesions):
        progress(i / len(case.lesions), f"reading the rules for lesion {lesion.id}")
        profile = Profile(case, lesion, profile)
        mine = {
            item.name: consider(given[item.name], profile, title=item.title, curative=item.curative)
            for item in found().values()
            if item.name in given
        }
        yield from mine.values()
        for item in combinations().values():
            if item.name in given:
                yield combine(replace(item, rules=given[item.name]), profile, mine)
