"""Treatments considered: one with its rules, and all of them as a matrix of lesions by procedures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from locoregional.case.option import ANSWERS
from locoregional.report.document_checks import STATUSES, VERDICTS, DocumentError, one_of

if TYPE_CHECKING:
    from locoregional.report.document import Block

__all__ = ["Matrix", "MatrixCell", "MatrixGroup", "OptionCard", "Options", "RuleLine", "Rules"]

RULE_STATES = ("met", "unmet", "unknown", "absent", "present", "heed", "for", "no")
CELLS = (*ANSWERS, "not for this organ")


@dataclass(frozen=True)
class RuleLine:
    """One rule, in words, and how it came out.

    Attributes
    ----------
    words : str
        The rule itself.
    state : str
        ``met``, ``unmet`` or ``unknown``; for what excludes or warns ``absent``, ``present`` or ``heed``; for a preference
        ``for`` or ``no``.
    found : str
        What the case says.
    source, where : str
        Who says the rule.
    directness : str
        For whom the evidence is, for example "breast metastases" or "borrowed: colorectal metastases".
    status : str
        Status of the fact, as in ``Number``.
    """

    words: str
    state: str
    found: str = ""
    source: str = ""
    where: str = ""
    directness: str = ""
    status: str = ""

    def __post_init__(self) -> None:
        """Check state and status."""
        one_of(self.state, RULE_STATES, where=self.words)
        one_of(self.status, STATUSES, where=self.words)


@dataclass(frozen=True)
class Rules:
    """Rules that raise no question: to be opened on a page, in one paragraph on paper."""

    title: str
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True)
class OptionCard:
    """A treatment considered for a lesion, with its rules.

    Attributes
    ----------
    name : str
        The treatment.
    conclusion, verdict : str
        The answer, and its colour.
    rules : tuple of RuleLine
        Every rule that was read.
    summary : str
        The answer in a sentence.
    blocks : tuple of Block
        What to expect and to prepare, shown below the rules.
    anchor : str
        Place in the page that a matrix links to; a card with one starts closed.
    """

    name: str
    conclusion: str
    verdict: str
    rules: tuple[RuleLine, ...]
    summary: str = ""
    blocks: tuple[Block, ...] = ()
    anchor: str = ""

    def __post_init__(self) -> None:
        """Check the verdict."""
        one_of(self.verdict, VERDICTS, where=self.name)


@dataclass(frozen=True)
class Options:
    """The options for one lesion."""

    cards: tuple[OptionCard, ...]


@dataclass(frozen=True)
class MatrixCell:
    """One lesion and one procedure.

    Attributes
    ----------
    answer : str
        An answer of the rules (or of the person who overruled them), or "not for this organ".
    note : str
        A few words below it.
    anchor : str
        Card that holds the reasons.
    """

    answer: str
    note: str = ""
    anchor: str = ""

    def __post_init__(self) -> None:
        """Check the answer."""
        one_of(self.answer, CELLS, where="matrix")


@dataclass(frozen=True)
class MatrixGroup:
    """Procedures of one family: title, and for each its name and one cell per lesion."""

    title: str
    rows: tuple[tuple[str, tuple[MatrixCell, ...]], ...]


@dataclass(frozen=True)
class Matrix:
    """Lesions by procedures.

    Attributes
    ----------
    columns : tuple of tuple of str
        Per lesion its name and a few words.
    groups : tuple of MatrixGroup
        Rows, family by family.
    caption : str
        What is shown.
    """

    columns: tuple[tuple[str, str], ...]
    groups: tuple[MatrixGroup, ...]
    caption: str = ""

    def __post_init__(self) -> None:
        """Refuse ragged rows."""
        for group in self.groups:
            for name, cells in group.rows:
                if len(cells) != len(self.columns):
                    raise DocumentError(f"{name} has {len(cells)} cells, not {len(self.columns)}", where=self.caption or "matrix")
