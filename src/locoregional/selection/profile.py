"""A lesion of a case as rules see it: every datum read once."""

from __future__ import annotations

from functools import cache

from locoregional.case import Case, Lesion
from locoregional.errors import SourceError
from locoregional.selection.datum import Datum, Value
from locoregional.selection.lesion_data import LESION_DATA
from locoregional.selection.patient_data import PATIENT_DATA
from locoregional.selection.score_data import SCORE_DATA

__all__ = ["Profile", "data"]


@cache
def data() -> dict[str, Datum]:
    """Every datum that a rule may ask, by name."""
    return {datum.name: datum for datum in (*PATIENT_DATA, *LESION_DATA, *SCORE_DATA)}


class Profile:
    """A lesion of a case; values are read when first asked for and kept.

    Parameters
    ----------
    case : Case
        The case.
    lesion : Lesion
        One of its lesions.
    beside : Profile, optional
        Another lesion of the same case: what holds for the whole case is read once for both.
    """

    __slots__ = ("_known", "_of_case", "_said", "case", "case_words", "lesion")

    def __init__(self, case: Case, lesion: Lesion, beside: Profile | None = None) -> None:
        self.case = case
        self.lesion = lesion
        self.case_words: dict[str, str] = {} if beside is None else beside.case_words
        self._of_case: dict[str, Value] = {} if beside is None else beside._of_case
        self._known: dict[str, Value] = dict(self._of_case)
        self._said: dict[str, str] = {}

    def value(self, name: str) -> Value:
        """Value of a datum; None where the case does not say.

        Raises
        ------
        SourceError
            If there is no such datum.
        """
        try:
            return self._known[name]
        except KeyError:
            return self._read(name)

    def _read(self, name: str) -> Value:
        datum = data().get(name)
        if datum is None:
            raise SourceError(f"no datum called {name!r}", remedy=f"Known: {', '.join(sorted(data()))}.")
        value = datum.read(self.case, self.lesion)
        self._known[name] = value
        if not datum.of_lesion:
            self._of_case[name] = value
        return value

    def seen(self, name: str) -> str:
        """What the case says about a datum, in words."""
        try:
            return self._said[name]
        except KeyError:
            words = self._said[name] = data()[name].spoken(self.value(name))
            return words
