"""What was considered for a lesion: the answer, every rule behind it, what to expect, what to prepare, and who overruled it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from locoregional.errors import CaseError
from locoregional.version import __version__

__all__ = ["ANSWERS", "Advice", "Answer", "Expected", "Option", "Overrule", "Prognostic", "RuleResult", "now"]

Answer = Literal["indicated", "possible", "not indicated", "contraindicated", "cannot say"]
ANSWERS: tuple[Answer, ...] = ("indicated", "possible", "cannot say", "not indicated", "contraindicated")
"""What a lesion and a procedure can come to, from the best to the worst."""


def now() -> datetime:
    """Current instant, timezone-aware."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class RuleResult:
    """One rule read against one lesion.

    Attributes
    ----------
    words : str
        The rule.
    met : bool or None
        None when a datum is missing.
    effect : str
        ``required``, ``favourable``, ``excluding``, ``caution`` or ``preference``.
    seen : str
        What the case says, in words.
    fact : str
        Key of the rule, which holds the threshold and its source.
    source : str
        Key of ``references.bib``.
    where : str
        Place in that source.
    status : str
        ``verified``, ``unverified`` (shown, does not decide) or ``borrowed``.
    note : str
        Caveat or contrary evidence.
    directness : str
        For whom the source holds: ``breast``, ``mixed``, ``borrowed`` or ``general`` (not a matter of the tumour).
    evidence : tuple of str
        Rows of the evidence tables behind it.
    contrary : tuple of str
        Rows of the evidence tables that speak against the rule.
    missing : tuple of str
        What the case does not say and the rule asks for.
    """

    words: str
    met: bool | None
    effect: str
    seen: str
    fact: str
    source: str
    where: str
    status: str
    note: str = ""
    directness: str = ""
    evidence: tuple[str, ...] = ()
    contrary: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advice:
    """One thing to prepare, to heed or to know for a procedure: words with their source.

    Attributes
    ----------
    kind : str
        ``preparation``, ``access``, ``for`` or ``against`` (evidence that supports or contradicts the procedure here).
    words : str
        The advice.
    source : str
        Key of ``references.bib``.
    where : str
        Place in that source.
    status : str
        ``verified``, ``unverified`` or ``borrowed``.
    directness : str
        For whom the source holds: ``breast``, ``mixed``, ``borrowed`` or ``general``.
    applies : str
        Why it is shown here, from the case; empty where it always holds.
    evidence : tuple of str
        Rows of the evidence tables behind it.
    """

    kind: str
    words: str
    source: str
    where: str
    status: str
    directness: str = ""
    applies: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """What the literature lets one expect, with its interval and how much stands behind it.

    Attributes
    ----------
    group : str
        What it is about: ``local control``, ``response``, ``survival``, ``pain``, ``complication`` ...
    words : str
        What it is, for example "median survival after RFA of liver metastases".
    value : float or None
        Best value; None says that it cannot be given.
    low, high : float or None
        Interval of the value; None where the literature gives none.
    unit : str
        Unit of the three numbers.
    level : float
        Coverage of the interval; 0 where ``low`` and ``high`` are a range of studies, or there is none.
    n_studies : int
        Number of studies.
    n_patients : int or None
        Number of patients (or lesions, as ``words`` say); None where the source does not say.
    basis : str
        What the number was counted on, in words: "6 of 224 lesions", "4 series, 179 patients", "meta-analysis".
    directness : str
        ``breast``, ``mixed`` or ``borrowed``.
    status : str
        ``verified``, ``unverified`` or ``borrowed``.
    sources : tuple of str
        Keys of ``references.bib``.
    rows : tuple of str
        Rows of the evidence tables.
    reason : str
        Caveat, or why it cannot be pooled.
    """

    group: str
    words: str
    value: float | None
    unit: str
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    n_studies: int = 1
    n_patients: int | None = None
    basis: str = ""
    directness: str = "breast"
    status: str = "verified"
    sources: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Prognostic:
    """A prognostic factor of the literature read against this patient.

    Attributes
    ----------
    words : str
        The factor and what it does.
    stance : str
        ``for``, ``against`` or ``unknown`` (the case does not say).
    seen : str
        What the case says.
    outcome : str
        What it predicts.
    source : str
        Key of ``references.bib``.
    status : str
        ``verified``, ``unverified`` or ``borrowed``.
    directness : str
        ``breast``, ``mixed`` or ``borrowed``.
    row : str
        Row of the evidence tables.
    """

    words: str
    stance: str
    seen: str
    outcome: str
    source: str
    status: str
    directness: str
    row: str


@dataclass(frozen=True)
class Option:
    """A procedure considered for a lesion: indicated or not, and by which rules.

    Attributes
    ----------
    lesion_id : str
        The lesion.
    procedure : str
        Short name of the procedure, for example ``mwa``.
    answer : str
        What the rules with a verified source say together; a missing datum never gives ``indicated``.
    words : str
        The answer with its reasons, in a sentence.
    rules : tuple of RuleResult
        Every rule, met, unmet or open.
    intent : str
        ``curative``, ``palliative`` or ``cannot say``; empty where the procedure is out of question.
    intent_words : str
        Why.
    otherwise : str
        For ``cannot say``: the answer if nothing missing speaks against it.
    missing : tuple of str
        For ``cannot say``: data that the answer waits for.
    weighing : tuple of str
        Further data that are not known and could only make the answer better or worse by degrees.
    expected : tuple of Expected
        What the literature reports, with intervals.
    prognosis : tuple of Prognostic
        Prognostic factors for and against this patient.
    advice : tuple of Advice
        What to prepare, ways in, evidence for and against.
    kind : str
        Always ``option``: tells the entries of the course apart.
    date : datetime
        When the entry was made, with time zone.
    version : str
        Version of this software that made it.
    """

    lesion_id: str
    procedure: str
    answer: Answer
    words: str
    rules: tuple[RuleResult, ...]
    intent: str = ""
    intent_words: str = ""
    otherwise: str = ""
    missing: tuple[str, ...] = ()
    weighing: tuple[str, ...] = ()
    expected: tuple[Expected, ...] = ()
    prognosis: tuple[Prognostic, ...] = ()
    advice: tuple[Advice, ...] = ()
    kind: Literal["option"] = "option"
    date: datetime = field(default_factory=now)
    version: str = __version__


@dataclass(frozen=True)
class Overrule:
    """A person's decision against what the rules say; the rules' own answer stays in the chart.

    Attributes
    ----------
    lesion_id : str
        The lesion.
    procedure : str
        Short name of the procedure.
    answer : str
        The person's answer.
    instead_of : str
        What the rules had said.
    by : str
        Who decided.
    reason : str
        Why.
    kind : str
        Always ``overrule``: tells the entries of the course apart.
    date : datetime
        When the entry was made, with time zone.
    version : str
        Version of this software that made it.
    """

    lesion_id: str
    procedure: str
    answer: Answer
    instead_of: str
    by: str
    reason: str
    kind: Literal["overrule"] = "overrule"
    date: datetime = field(default_factory=now)
    version: str = __version__

    def __post_init__(self) -> None:
        """Refuse a decision without a name or a reason."""
        if not self.by.strip() or not self.reason.strip():
            raise CaseError(
                "overruling needs a name and a reason",
                where=f"lesion {self.lesion_id}, {self.procedure}",
                remedy="Say who decided and why; both stay in the chart.",
            )
