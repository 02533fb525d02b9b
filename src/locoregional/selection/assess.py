"""From rules to an answer: indicated, possible, not indicated, contraindicated, or cannot say."""

from __future__ import annotations

from collections.abc import Iterable

from locoregional.case import Option, RuleResult
from locoregional.case.option import Answer
from locoregional.selection.profile import Profile, data
from locoregional.selection.rule_file import RuleSet

__all__ = ["answer_of", "assess", "concerns"]

_BAD = {"required": False, "favourable": False, "excluding": True}
"""What a rule must come to, to speak against a procedure."""
_UNREAD = "no rule that could speak against it was read, only its organs are known to fit"


def assess(rules: RuleSet, profile: Profile, *, title: str) -> Option:
    """Read every rule of a procedure against a lesion and answer.

    A missing datum never gives ``indicated``, and neither does a procedure of which no firm rule was read. A rule whose source is
    unverified cannot exclude a procedure; where it speaks against one, or cannot be read, it lowers ``indicated`` to
    ``possible`` and is named.

    Parameters
    ----------
    rules : RuleSet
        Rules of the procedure.
    profile : Profile
        The lesion of a case.
    title : str
        Name of the procedure in words.

    Returns
    -------
    Option
        Answer with every rule; what to expect and to prepare is added by the caller.
    """
    lesion = profile.lesion
    if lesion.organ.value not in rules.organs:
        said, seen = f"{title} is for lesions of {rules.organ_words}", profile.seen("organ")
        scope = (f"{rules.procedure}:organs", rules.scope.source, rules.scope.where, rules.scope.status)
        result = RuleResult(said, False, "required", seen, *scope)
        return Option(lesion.id, rules.procedure, "not indicated", f"Not indicated: {said} ({seen}).", (result,))
    results = tuple([r for rule in rules.for_organ(lesion.organ.value) if (r := rule.read(profile)) is not None])
    answer, reasons = answer_of(results)
    if not any(r.effect in _BAD and r.status != "unverified" for r in results):
        # Silence of the rules is no indication: an empty or fully unverified set leaves the question open.
        words = _sentence("cannot say", results, reasons, "", _UNREAD)
        return Option(lesion.id, rules.procedure, "cannot say", words, results, weighing=_asked(reasons))
    otherwise = ""
    missing: tuple[str, ...] = ()
    weighing: tuple[str, ...] = ()
    if answer in ("cannot say", "possible"):
        open_ = [r for r in results if r.met is None and r.effect in _BAD]
        if answer == "cannot say":
            otherwise = answer_of(_as_hoped(results))[0]
            missing = _asked([r for r in open_ if _decides(r)])
        weighing = tuple(name for name in _asked(open_) if name not in missing)
    words = _sentence(answer, results, reasons, otherwise)
    return Option(lesion.id, rules.procedure, answer, words, results, "", "", otherwise, missing, weighing)


def answer_of(results: Iterable[RuleResult]) -> tuple[Answer, tuple[RuleResult, ...]]:
    """Answer that rules give together, and the rules that decide it."""
    results = tuple(results)
    firm = [r for r in results if r.status != "unverified"]
    excluded = tuple(r for r in firm if r.effect == "excluding" and r.met)
    if excluded:
        return "contraindicated", excluded
    unmet = tuple(r for r in firm if r.effect == "required" and r.met is False)
    if unmet:
        return "not indicated", unmet
    unknown = tuple(r for r in firm if _decides(r) and r.met is None)
    if unknown:
        return "cannot say", unknown
    weak = tuple(r for r in firm if r.effect == "favourable" and not r.met)
    doubted = tuple(
        r
        for r in results
        if r.status == "unverified" and r.effect in ("required", "excluding") and r.met is not (not _BAD[r.effect])
    )
    return ("possible", (*weak, *doubted)) if weak or doubted else ("indicated", ())


def concerns(option: Option) -> bool:
    """Whether the procedure is for the organ of the lesion at all."""
    return not (len(option.rules) == 1 and option.rules[0].fact.endswith(":organs"))


def _decides(rule: RuleResult) -> bool:
    """Whether a rule alone can take a procedure off the table."""
    return rule.status != "unverified" and rule.effect in ("required", "excluding")


def _asked(rules: Iterable[RuleResult]) -> tuple[str, ...]:
    """Names of the data that rules lack, in words."""
    return tuple(dict.fromkeys(data()[name].words.rstrip(":") for r in rules for name in r.missing))


def _as_hoped(results: Iterable[RuleResult]) -> tuple[RuleResult, ...]:
    """Results without the open rules that decide, as if the data they wait for spoke for the procedure; the rest stays open."""
    return tuple(r for r in results if r.met is not None or not _decides(r))


def _sentence(
    answer: Answer, results: Iterable[RuleResult], reasons: tuple[RuleResult, ...], otherwise: str, first: str = ""
) -> str:
    """The answer with what decides it (after ``first``), and what is to be heeded where the procedure stays on the table."""
    groups: dict[str, list[str]] = {}
    for r in reasons:
        said = "; ".join(_asked([r])) if r.met is None and r.missing else f"{r.words} ({r.seen})"
        told = groups.setdefault(_why(r), [])
        if said not in told:
            told.append(said)
    parts = [first] if first else []
    parts += [f"{why}: {'; '.join(words)}" if why else "; ".join(words) for why, words in groups.items()]
    said = (
        ". ".join(part if i == 0 else part[:1].upper() + part[1:] for i, part in enumerate(parts)) or "every deciding rule is met"
    )
    heed = [r.words for r in results if r.effect == "caution" and r.met]
    tail = f" At best {otherwise}." if otherwise else ""
    tail += f" To heed: {'; '.join(heed)}." if heed and answer in ("indicated", "possible", "cannot say") else ""
    return f"{answer[:1].upper()}{answer[1:]}: {said}.{tail}"


def _why(rule: RuleResult) -> str:
    if rule.status == "unverified":
        return "unverified, against it" if rule.met is not None else "unverified, and not known"
    if rule.met is None:
        return "not known"
    return "" if rule.effect == "excluding" else "not met"
