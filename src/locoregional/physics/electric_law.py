"""Electric conductivity of tissue as it warms and dries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from locoregional.physics.electric_kernels import warmed_parallel, warmed_serial
from locoregional.physics.medium import body_temperature_c
from locoregional.sources import read_facts

__all__ = ["FACTS", "ConductivityLaw"]

FACTS = "current_facts.toml"


@dataclass(frozen=True)
class ConductivityLaw:
    """Straight growth with temperature, then a fall over the interval in which vapour forms.

    Attributes
    ----------
    growth_1_k : float
        Relative growth per kelvin, of the value at ``body_c``.
    low_c, high_c : float
        The conductivity falls between these temperatures ...
    kept_share : float
        ... to this share of the value at ``body_c``.
    body_c : float
        Temperature of the values that it is applied to.
    """

    growth_1_k: float
    low_c: float
    high_c: float
    kept_share: float
    body_c: float

    @classmethod
    def standard(cls, *, growth_1_k: float | None = None) -> ConductivityLaw:
        """Law of ``current_facts.toml``, or with another growth."""
        facts = read_facts(__package__, FACTS)
        growth = float(facts["growth"]) if growth_1_k is None else growth_1_k
        dry = facts.section("drying")
        return cls(growth, float(dry["low"]), float(dry["high"]), float(dry["kept"]), body_temperature_c())

    def update(
        self, out: NDArray[np.float32], *, cold_s_m: NDArray, temperature_c: NDArray, heat_w_m3: NDArray, parallel: bool = True
    ) -> float:
        """Bring a conductivity up to a temperature.

        Parameters
        ----------
        out : ndarray of float32, shape (slices, rows, columns)
            Conductivity [S/m] of an earlier state; holds the new one afterwards.
        cold_s_m, temperature_c, heat_w_m3 : ndarray of float32, same shape
            Conductivity at body temperature, temperature now, and the heat of the current that weighs the change.
        parallel : bool
            Use all threads.

        Returns
        -------
        float
            Mean relative change, weighted with the heat; 1 where there is no heat.
        """
        law = tuple(np.float32(v) for v in (self.body_c, self.growth_1_k, self.low_c, self.high_c, self.kept_share))
        kernel = warmed_parallel if parallel else warmed_serial
        return float(kernel(cold_s_m, temperature_c, heat_w_m3, out, law))
