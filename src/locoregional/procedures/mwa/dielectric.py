"""Permittivity and conductivity of liver at microwave frequencies, as they fall while tissue heats and dries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.sources import read_facts

__all__ = ["Dielectric"]

_BODY_C = 37.0
_REFERENCE_HZ = 2.45e9


@dataclass(frozen=True)
class Dielectric:
    """Sigmoid fall of permittivity and conductivity with temperature (liver, measured while heating at 2.45 GHz).

    Attributes
    ----------
    permittivity_scale, conductivity_scale : float
        Factors on the amplitudes; 1 is the published fit.
    constant : bool
        Keep the values at body temperature whatever the temperature: only for comparison.
    """

    permittivity_scale: float = 1.0
    conductivity_scale: float = 1.0
    constant: bool = False

    @classmethod
    def liver(cls, *, frequency_hz: float, permittivity_factor: float = 1.0, conductivity_factor: float = 1.0) -> Dielectric:
        """Liver at a frequency: the fit at 2.45 GHz, elsewhere scaled to the value at 915 MHz by a power law in frequency."""
        facts = read_facts(__package__)
        eps, sigma = (float(v[0]) for v in cls().at(np.array([_BODY_C])))
        share = np.log(frequency_hz / _REFERENCE_HZ) / np.log(915e6 / _REFERENCE_HZ)
        return cls(
            permittivity_factor * float((float(facts["dielectric.permittivity_915"]) / eps) ** share),
            conductivity_factor * float((float(facts["dielectric.conductivity_915"]) / sigma) ** share),
        )

    @property
    def dry_slope(self) -> float:
        """Relative fall of the conductivity per kelvin in drying tissue [1/K]; 0 where it is kept constant."""
        return 0.0 if self.constant else float(read_facts(__package__)["dielectric.conductivity_slope"])

    def at(self, temperature_c: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Relative permittivity and conductivity [S/m] at temperatures [C], same shape."""
        facts = read_facts(__package__).section("dielectric")
        t = np.asarray(_BODY_C if self.constant else temperature_c, dtype=float)
        eps = float(facts["permittivity_amplitude"]) * _fall(
            t, offset=float(facts["permittivity_offset"]), slope=float(facts["permittivity_slope"])
        )
        sigma = float(facts["conductivity_amplitude"]) * _fall(
            t, offset=float(facts["conductivity_offset"]), slope=float(facts["conductivity_slope"])
        )
        shape = np.shape(temperature_c)
        eps = float(facts["permittivity_floor"]) + self.permittivity_scale * eps
        return np.broadcast_to(eps, shape), np.broadcast_to(self.conductivity_scale * sigma, shape)


def _fall(temperature_c: NDArray[np.float64], *, offset: float, slope: float) -> NDArray[np.float64]:
    """Share of the amplitude left: 1 when cold, 0 when dry."""
    return 1.0 - 1.0 / (1.0 + np.exp(np.clip(offset - slope * temperature_c, -60.0, 60.0)))
