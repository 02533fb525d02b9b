"""Every score by name: which function it is, which tables and facts it uses, and its answers read from text."""

from __future__ import annotations

import importlib
import inspect
import math
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from locoregional.errors import CaseError

__all__ = ["CATALOGUE", "Entry", "answer_score", "entry"]

_YES, _NO, _OPEN = {"yes", "true"}, {"no", "false"}, {"", "?", "unknown"}


@dataclass(frozen=True)
class Entry:
    """One score.

    Attributes
    ----------
    name, title : str
        Name on the command line, and what it is.
    module, function : str
        Module in ``locoregional.scores`` and its function.
    tables : tuple of str
        Files in ``scores/tables`` without ending.
    facts : tuple of str
        Sections of ``facts.toml``.
    """

    name: str
    title: str
    module: str
    function: str
    tables: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def call(self) -> Callable[..., Any]:
        """The function."""
        call: Callable[..., Any] = getattr(importlib.import_module(f"locoregional.scores.{self.module}"), self.function)
        return call


_ENTRIES = (
    Entry("sins", "spinal instability", "sins", "sins", ("sins",)),
    Entry("escc", "epidural compression (Bilsky)", "escc", "escc", ("escc",)),
    Entry("noms", "neurologic, oncologic, mechanical, systemic framework", "noms", "noms", ("noms",)),
    Entry("mirels", "fracture risk of a long bone", "mirels", "mirels", ("mirels",), ("mirels",)),
    Entry("bauer", "spinal metastases, modified Bauer", "bauer", "modified_bauer", ("bauer_modified",)),
    Entry("van_der_linden", "survival with spinal metastases", "van_der_linden", "van_der_linden", ("van_der_linden",)),
    Entry("tokuhashi", "spinal metastases, revised Tokuhashi", "tokuhashi", "tokuhashi", ("tokuhashi",)),
    Entry("katagiri", "survival with bone metastases, 2014", "katagiri", "katagiri", ("katagiri",)),
    Entry("albi", "liver function: albumin and bilirubin", "albi", "albi", (), ("albi",)),
    Entry("child_pugh", "liver function", "child_pugh", "child_pugh", ("child_pugh", "child_pugh_albumin_30")),
    Entry("reild", "liver disease after radioembolization", "reild", "reild", (), ("reild",)),
    Entry("ecog", "ECOG from Karnofsky", "performance", "ecog_from_karnofsky", ("performance",)),
    Entry("karnofsky", "Karnofsky from ECOG", "performance", "karnofsky_from_ecog", ("performance",)),
    Entry("subtype", "molecular subtype from receptors", "subtype", "molecular_subtype", (), ("subtype", "receptor")),
    Entry("oligometastatic", "ESO-ESMO definition", "oligometastatic", "oligometastatic", (), ("oligometastatic",)),
    Entry("oligoprogressive", "COSMO definition", "oligometastatic", "oligoprogressive", (), ("cosmo",)),
    Entry("pain_response", "consensus on pain of bone metastases", "pain_response", "pain_response", (), ("pain",)),
    Entry("ctcae", "grades of adverse events, CTCAE 5.0", "ctcae", "ctcae_grade"),
)

CATALOGUE = {e.name: e for e in _ENTRIES}
"""Every score by name."""


def entry(name: str) -> Entry:
    """Score of a name; hyphens count as underscores.

    Raises
    ------
    CaseError
        Listing the names.
    """
    found = CATALOGUE.get(name.strip().lower().replace("-", "_"))
    if found is None:
        raise CaseError(f"no score is called {name!r}", where="score", remedy=f"Known: {', '.join(CATALOGUE)}.")
    return found


def answer_score(name: str, answers: Mapping[str, str]) -> Any:
    """Result of a score from answers as text.

    Parameters
    ----------
    name : str
        Name in `CATALOGUE`.
    answers : mapping of str to str
        ``yes`` or ``no``, numbers, names; ``unknown``, ``?`` or nothing for not known; several still possible joined by commas.

    Returns
    -------
    Score, Finding or another result with ``summary``, ``status``, ``source``, ``missing`` and ``caveats``
        As the function of the score gives it.

    Raises
    ------
    CaseError
        If a key or answer does not fit.
    """
    asked = entry(name)
    hints = typing.get_type_hints(asked.call)
    hints.pop("return")
    measures = hints.pop("answers", None) is not None
    given = {key: _read(asked.name, key, text, hints, measures) for key, text in answers.items()}
    for key, parameter in inspect.signature(asked.call).parameters.items():
        if key in hints and key not in given and parameter.default is parameter.empty:
            given[key] = _read(asked.name, key, "", hints, measures)
    return asked.call(**given)


def _read(score: str, key: str, text: str, hints: Mapping[str, Any], measures: bool) -> Any:
    if key not in hints and not measures:
        raise CaseError(f"{score} has no key {key!r}", where="score", remedy=f"It has: {', '.join(hints)}.")
    kinds = _kinds(hints.get(key, bool | float | None))
    plain = text.strip().lower()
    if plain in _OPEN and type(None) in kinds:
        return None
    if "," in text and Collection in kinds:
        return tuple(_one(key, part, kinds) for part in text.split(","))
    return _one(key, text, kinds)


def _one(key: str, text: str, kinds: set[Any]) -> Any:
    plain = text.strip().lower()
    if bool in kinds and plain in _YES | _NO:
        return plain in _YES
    for kind in (int, float):
        if kind in kinds:
            try:
                number = kind(plain)
            except ValueError:
                continue
            if math.isfinite(number):
                return number
    if str in kinds:
        return text.strip()
    words = {bool: "yes or no", int: "a whole number", float: "a number"}
    remedy = f"Give {' or '.join(w for k, w in words.items() if k in kinds)}, or unknown."
    raise CaseError(f"{text!r} does not fit {key}", where=key, remedy=remedy)


def _kinds(hint: Any) -> set[Any]:
    """Plain types in a hint; several of a kind count as `Collection` and that kind."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return set().union(*map(_kinds, typing.get_args(hint)))
    origin = typing.get_origin(hint)
    if inspect.isclass(origin) and issubclass(origin, Collection):
        return {Collection, *(a for a in typing.get_args(hint) if a is not Ellipsis)}
    return {hint}
