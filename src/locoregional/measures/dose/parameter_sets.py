"""Named sets of radiobiological parameters: each cited, none a default, none used on a device that it was not fitted to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from locoregional.errors import EvidenceError
from locoregional.sources import Sourced, sourced

__all__ = ["DEVICES", "ParameterSet", "parameter_set", "parameter_sets"]

DEVICES = ("glass", "resin")
"""Microspheres whose doses are never judged by each other's limits."""
_FILE = "parameter_sets.toml"


@dataclass(frozen=True)
class ParameterSet:
    """Parameters of one tissue from one source.

    Attributes
    ----------
    name, tissue : str
        Name of the set, and what it is for.
    device : str
        ``any``, ``glass`` or ``resin``.
    values : mapping of str to Sourced
        ``alpha`` [1/Gy], ``alpha_beta`` [Gy], ``repair_half_life`` [h]; or ``td50`` [Gy], ``volume_exponent``, ``slope``.
    """

    name: str
    tissue: str
    device: str
    values: Mapping[str, Sourced]

    def value(self, name: str) -> float:
        """Parameter by name.

        Raises
        ------
        EvidenceError
            If the set does not state it: another set's is never taken.
        """
        if name not in self.values:
            raise EvidenceError(
                f"the parameter set {self.name!r} states no {name.replace('_', ' ')}",
                where=self.name,
                remedy=f"It states: {', '.join(n.replace('_', ' ') for n in self.values)}. Name another set.",
            )
        return float(self.values[name])

    def require_device(self, device: str) -> None:
        """Refuse a dose of other microspheres than those the set was fitted to.

        Raises
        ------
        EvidenceError
            If the set is of one device and the dose of another, or of one that is not said.
        """
        if device and device not in DEVICES:
            raise EvidenceError(f"no device is called {device!r}", where="device", remedy=f"Use {' or '.join(DEVICES)}.")
        if self.device != "any" and device != self.device:
            raise EvidenceError(
                f"the set {self.name!r} holds for {self.device} microspheres, the dose is of {device or 'unknown'} ones",
                where=self.name,
                remedy="Glass and resin differ in their effect per Gy: use a set of the same device.",
            )

    @property
    def words(self) -> str:
        """One sentence: what it holds and how well that is known."""
        units = {"1": ""}
        said = ", ".join(
            f"{n.replace('_', ' ')} {float(v):g} {units.get(v.unit, v.unit)}".rstrip()
            + ("" if v.status == "verified" else f" ({v.status})")
            for n, v in self.values.items()
        )
        return f"parameter set {self.name} ({self.tissue}): {said}"


@cache
def parameter_sets() -> Mapping[str, ParameterSet]:
    """All sets, by name."""
    text = resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    short = (__package__ or "").removeprefix("locoregional.")
    found = {}
    for name, table in tomllib.loads(text).items():
        values = {key: sourced(f"{short}:{name}.{key}", entry) for key, entry in table.items() if isinstance(entry, dict)}
        found[name] = ParameterSet(name, table["tissue"], table["device"], values)
    return found


def parameter_set(name: str) -> ParameterSet:
    """A set by its name.

    Raises
    ------
    EvidenceError
        If there is none of that name; the message lists those there are.
    """
    known = parameter_sets()
    if name not in known:
        raise EvidenceError(
            f"no parameter set is called {name!r}",
            where="parameter set",
            remedy=f"Known, and at odds with each other: {', '.join(f'{n} ({s.tissue})' for n, s in known.items())}.",
        )
    return known[name]
