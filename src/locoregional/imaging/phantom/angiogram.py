"""Synthetic angiograms before and after an embolization, with a known loss of perfused vessels.

The bolus is a gamma variate; tissue answers with an exponential residue, for which the convolution has a closed form. Anatomy
moves by fractions of a pixel, the detector counts quanta.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from locoregional.errors import ImagingError
from locoregional.imaging.angiography import Angiogram
from locoregional.imaging.angiography_header import Acquisition

__all__ = ["Bolus", "Scene", "SyntheticPair", "synthetic_pair", "tissue_opacity"]

MASK_COUNT = 5
"""Frames before the bolus."""
WAVES = 60
"""Plane waves that make up the trabeculae."""
DEPTH = 1.2
"""Attenuation of bone and soft tissue in the middle of the picture."""
TUMOUR_PEAK, ARTERY_PEAK = 0.15, 0.7
"""Opacity of tumour and artery at their peak, before."""
SOFT_PX = 1.2
"""Width of the edges that the focal spot leaves."""
DEEPEST = 2**16 - 1


@dataclass(frozen=True)
class Bolus:
    """Opacity of the artery: a gamma variate with peak 1.

    Attributes
    ----------
    arrival_s : float
        When the contrast medium comes.
    alpha : float
        Shape.
    beta_s : float
        Time scale; the peak comes ``alpha * beta_s`` after the arrival.
    """

    arrival_s: float = 2.0
    alpha: float = 2.5
    beta_s: float = 0.7

    def opacity(self, times_s: ArrayLike) -> NDArray[np.float64]:
        """Opacity at times, 0..1."""
        x = np.maximum(np.asarray(times_s, dtype=np.float64) - self.arrival_s, 0.0) / (self.alpha * self.beta_s)
        return np.asarray(x**self.alpha * np.exp(self.alpha * (1.0 - x)))

    @property
    def area_s(self) -> float:
        """Area under the whole curve."""
        from scipy.special import gamma

        return float(self.beta_s * gamma(self.alpha + 1.0) * (np.e / self.alpha) ** self.alpha)

    @property
    def peak_time_s(self) -> float:
        """Time of the peak."""
        return self.arrival_s + self.alpha * self.beta_s

    @property
    def mean_time_s(self) -> float:
        """First moment of the whole curve."""
        return self.arrival_s + (self.alpha + 1.0) * self.beta_s


def tissue_opacity(times_s: ArrayLike, bolus: Bolus, *, volume_share: float, transit_s: float) -> NDArray[np.float64]:
    """Opacity of tissue: the bolus convolved with an exponential residue, in closed form.

    Its area is ``volume_share`` times that of the bolus, and its mean time later by ``transit_s``.

    Parameters
    ----------
    times_s : array_like
        Times.
    bolus : Bolus
        In the artery.
    volume_share : float
        Blood volume of the tissue, as a share of that of the artery.
    transit_s : float
        Mean transit time.
    """
    from scipy.special import hyp1f1

    t = np.maximum(np.asarray(times_s, dtype=np.float64) - bolus.arrival_s, 0.0)
    a, rate = bolus.alpha + 1.0, 1.0 / bolus.beta_s - 1.0 / transit_s
    scale = (np.e / (bolus.alpha * bolus.beta_s)) ** bolus.alpha
    whole = t**a / a * hyp1f1(a, a + 1.0, -rate * t) * np.exp(-t / transit_s)
    return np.asarray(volume_share / transit_s * scale * whole)


@dataclass(frozen=True)
class Scene:
    """What is filmed and how.

    Attributes
    ----------
    shape : tuple of int
        Rows, columns.
    frames : int
        Number of frames.
    frame_s : float
        Time between frames.
    bolus : Bolus
        In the feeding artery.
    transit_s : float
        Mean transit time of the tumour before the embolization.
    noise_ratio : float
        Peak opacity of the tumour before, over the noise of a pixel in one subtracted frame.
    motion_px : float
        Largest movement within a series.
    between_px : tuple of float
        Shift of the second series against the first, rows and columns.
    relationship : str
        ``LIN`` or ``LOG``.
    drift_share : float
        Change of the beam over a series, which a measurement has to remove.
    """

    shape: tuple[int, int] = (192, 192)
    frames: int = 60
    frame_s: float = 0.33
    bolus: Bolus = Bolus()
    transit_s: float = 2.5
    noise_ratio: float = 5.0
    motion_px: float = 0.0
    between_px: tuple[float, float] = (0.0, 0.0)
    relationship: str = "LIN"
    drift_share: float = 0.0


@dataclass(frozen=True, eq=False)
class SyntheticPair:
    """Two series of one tumour, and the truth.

    Attributes
    ----------
    before, after : Angiogram
        The series.
    tumour, artery, background : ndarray, shape (row, column), bool
        Regions as they lie in the first frame of ``before``.
    lost_share : float
        Share of the perfused vessels that was lost.
    shifts_px : ndarray, shape (time, 2)
        True movement of each frame of ``before`` (rows, columns).
    """

    before: Angiogram
    after: Angiogram
    tumour: NDArray[np.bool_]
    artery: NDArray[np.bool_]
    background: NDArray[np.bool_]
    lost_share: float
    shifts_px: NDArray[np.float64]


def synthetic_pair(
    scene: Scene,
    *,
    lost_share: float,
    seed: int,
    patchy: bool = False,
    transit_after_s: float | None = None,
    injected_ratio: float = 1.0,
) -> SyntheticPair:
    """Series before and after an embolization.

    Parameters
    ----------
    scene : Scene
        What is filmed.
    lost_share : float
        Share of the perfused vessels that is lost, 0..1.
    seed : int
        Of anatomy, movement and noise.
    patchy : bool
        Lost in one sector of the tumour altogether, instead of evenly.
    transit_after_s : float, optional
        Mean transit time afterwards, where the rest of the vessels is slower.
    injected_ratio : float
        Contrast medium of the second injection over that of the first.

    Raises
    ------
    ImagingError
        If the share is outside 0..1 or the values do not fit 16 bits.
    """
    if not 0.0 <= lost_share <= 1.0:
        raise ImagingError(f"a lost share of {lost_share} is impossible", remedy="Give 0 to 1.")
    rng = np.random.default_rng([seed, 10])
    anatomy = _Anatomy.made(scene, rng)
    first, shifts = _filmed(scene, anatomy, rng, lost_share=0.0, offset=(0.0, 0.0))
    later = replace(scene, transit_s=transit_after_s if transit_after_s is not None else scene.transit_s)
    second, _ = _filmed(
        later, anatomy, rng, lost_share=lost_share, offset=scene.between_px, patchy=patchy, injected=injected_ratio,
        reference=scene,
    )  # fmt: skip
    rows, columns = np.ogrid[: scene.shape[0], : scene.shape[1]]
    tumour = anatomy.from_edge(rows, columns) > 3.0
    artery = (np.abs(rows - anatomy.artery_row) <= 2) & (columns > 6) & (columns < scene.shape[1] // 2)
    background = (rows > 0.8 * scene.shape[0]) & (rows < scene.shape[0] - 6) & (columns > 6) & (columns < scene.shape[1] - 6)
    return SyntheticPair(first, second, tumour, artery, background, lost_share, shifts)


@dataclass(frozen=True, eq=False)
class _Anatomy:
    """Bone and vessels, defined between the pixels, so that a shift by a fraction is exact."""

    waves: NDArray[np.float64]
    phases: NDArray[np.float64]
    heights: NDArray[np.float64]
    centre: tuple[float, float]
    radius: float
    artery_row: float
    shape: tuple[int, int]

    @classmethod
    def made(cls, scene: Scene, rng: np.random.Generator) -> _Anatomy:
        rows, columns = scene.shape
        length, angle = rng.uniform(6.0, 40.0, WAVES), rng.uniform(0, 2 * np.pi, WAVES)
        waves = 2 * np.pi / length[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        heights = 0.012 * np.sqrt(length / 12.0)
        return cls(
            waves, rng.uniform(0, 2 * np.pi, WAVES), heights, (0.52 * rows, 0.55 * columns), 0.16 * min(rows, columns),
            round(0.2 * rows), scene.shape,
        )  # fmt: skip

    def from_edge(self, rows: NDArray, columns: NDArray) -> NDArray[np.float64]:
        """Depth within the tumour [pixels]."""
        return np.asarray(self.radius - np.hypot(rows - self.centre[0], columns - self.centre[1]))

    def still(self, shift: NDArray[np.float64]) -> NDArray[np.float64]:
        """Attenuation without contrast medium: trabeculae, a shaft with cortex, soft tissue."""
        r, c = np.arange(self.shape[0]) - shift[0], np.arange(self.shape[1]) - shift[1]
        down = self.heights * np.exp(1j * (np.outer(r, self.waves[:, 0]) + self.phases))
        spongy = (down @ np.exp(1j * np.outer(self.waves[:, 1], c))).real
        across = c[None, :] - 0.15 * (r[:, None] - self.shape[0] / 2) - 0.55 * self.shape[1]
        half = 0.22 * self.shape[1]
        shaft = 0.5 * (np.tanh((across + half) / SOFT_PX) - np.tanh((across - half) / SOFT_PX))
        cortex = np.exp(-(((np.abs(across) - half + 4.0) / 3.0) ** 2))
        return np.asarray(0.6 * DEPTH + 0.4 * DEPTH * shaft + 0.3 * cortex + spongy * shaft)

    def vessels(self, shift: NDArray[np.float64], *, kept: float, patchy: bool) -> tuple[NDArray, NDArray]:
        """Share of a pixel in tumour and artery; what of the tumour is still perfused is in it."""
        r, c = np.arange(self.shape[0])[:, None] - shift[0], np.arange(self.shape[1])[None, :] - shift[1]
        tumour = 0.5 * (1.0 + np.tanh(self.from_edge(r, c) / SOFT_PX))
        if patchy:
            turn = (np.arctan2(r - self.centre[0], c - self.centre[1]) / (2 * np.pi)) % 1.0
            tumour = np.where(turn < kept, tumour, 0.0)
        else:
            tumour = tumour * kept
        wide = 0.5 * (np.tanh((r - self.artery_row + 5.0) / SOFT_PX) - np.tanh((r - self.artery_row - 5.0) / SOFT_PX))
        artery = wide * (c < 0.55 * self.shape[1])
        return tumour, artery


def _filmed(
    scene: Scene,
    anatomy: _Anatomy,
    rng: np.random.Generator,
    *,
    lost_share: float,
    offset: tuple[float, float],
    patchy: bool = False,
    injected: float = 1.0,
    reference: Scene | None = None,
) -> tuple[Angiogram, NDArray[np.float64]]:
    times = np.arange(scene.frames) * scene.frame_s
    first = reference or scene
    whole = tissue_opacity(np.linspace(0, 60, 6001), first.bolus, volume_share=1.0, transit_s=first.transit_s)
    volume = TUMOUR_PEAK / float(whole.max())
    stain = injected * tissue_opacity(times, scene.bolus, volume_share=volume, transit_s=scene.transit_s)
    inflow = injected * ARTERY_PEAK * scene.bolus.opacity(times)
    turn = rng.uniform(0, 2 * np.pi, 2)
    sway = np.stack([np.sin(2 * np.pi * times / 4.1 + turn[0]), np.cos(2 * np.pi * times / 2.9 + turn[1])], axis=1)
    shifts = 0.5 * scene.motion_px * (sway - sway[0]) / np.sqrt(2.0) + np.asarray(offset)
    quanta = (scene.noise_ratio / TUMOUR_PEAK) ** 2 * np.exp(DEPTH) * (1.0 + 1.0 / MASK_COUNT)
    beam = quanta * (1.0 + scene.drift_share * np.linspace(0.0, 1.0, scene.frames))
    frames = np.empty((scene.frames, *scene.shape), np.float32)
    still = anatomy.still(shifts[0])
    tumour, artery = anatomy.vessels(shifts[0], kept=1.0 - lost_share, patchy=patchy)
    for i in range(scene.frames):
        if i and scene.motion_px:
            still = anatomy.still(shifts[i])
            tumour, artery = anatomy.vessels(shifts[i], kept=1.0 - lost_share, patchy=patchy)
        frames[i] = rng.poisson(beam[i] * np.exp(-(still + stain[i] * tumour + inflow[i] * artery)))
    if scene.relationship == "LOG":
        frames = np.round(6000.0 * np.log(np.maximum(frames, 1.0))).astype(np.float32)
    if frames.max() > DEEPEST:
        raise ImagingError("the values do not fit 16 bits", remedy="Ask for more noise.")
    told = Acquisition(
        times_s=tuple(float(t) for t in times),
        relationship=scene.relationship,
        limits=(0.0, float(DEEPEST)),
        spacing_mm=(0.3, 0.3),
        magnification=1.25,
        primary_deg=0.0,
        secondary_deg=0.0,
        patient="synthetic",
    )
    return Angiogram(frames, told), shifts
