"""Find rows by words: every word must occur, the rows in which they matter most come first."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from locoregional.evidence.base import EvidenceBase
from locoregional.evidence.row import Row
from locoregional.evidence.schema import estimands

__all__ = ["Hit", "search"]

_WEIGHTS = {
    "id": 20, "study": 8, "citation": 8, "name_in_review": 8, "estimand": 6, "factor": 6, "criterion": 6, "recommendation": 6,
    "topic": 6, "procedure": 6, "procedures": 6, "organ": 4, "statement": 4, "fact": 4, "problem": 4, "correction": 3,
    "subgroup": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """A row found.

    Attributes
    ----------
    row : Row
        The row.
    score : float
        How much the words matter in it; the order of the hits.
    columns : tuple of str
        Columns in which they occur.
    """

    row: Row
    score: float
    columns: tuple[str, ...]


def search(base: EvidenceBase, words: str) -> tuple[Hit, ...]:
    """Rows in which every word occurs, best first; case, accents, hyphens and underscores do not matter.

    Parameters
    ----------
    base : EvidenceBase
        Evidence.
    words : str
        One or several words.
    """
    wanted = [_plain(w) for w in words.split()]
    wanted = [w for w in wanted if w]
    hits = (_hit(base, row, wanted) for row in base) if wanted else ()
    found = [h for h in hits if h is not None]
    return tuple(sorted(found, key=lambda h: -h.score))


def _hit(base: EvidenceBase, row: Row, wanted: list[str]) -> Hit | None:
    texts = {name: _plain(text) for name, text in row.written.items() if text}
    if row.text("estimand") in estimands():
        texts["estimand"] = _plain(f"{row.text('estimand')} {estimands()[row.text('estimand')].words}")
    if row.text("study") in base:
        texts["study"] = _plain(f"{row.text('study')} {base.row(row.text('study')).text('citation')}")
    score, columns = (20.0 if texts["id"] in wanted else 0.0), []
    for word in wanted:
        places = [(name, _match(word, text)) for name, text in texts.items()]
        places = [(name, strength) for name, strength in places if strength]
        if not places:
            return None
        score += max(_WEIGHTS.get(name, 1) * strength for name, strength in places) + 0.1 * len(places)
        columns += [name for name, _ in places if name not in columns]
    return Hit(row, score, tuple(columns))


def _match(word: str, text: str) -> float:
    """Strength of a word in a text: whole word, start of a word, anywhere."""
    if re.search(rf"\b{re.escape(word)}\b", text):
        return 1.0
    if re.search(rf"\b{re.escape(word)}", text):
        return 0.6
    return 0.3 if word in text else 0.0


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"[\s_\-–]+", " ", "".join(c for c in folded if not unicodedata.combining(c))).strip()
