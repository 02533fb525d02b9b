"""Response criteria against published cut-offs and examples, and their measurements against shapes whose size is known."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from locoregional.imaging.volume import Grid, Volume
from locoregional.measures.response.area import Pair, easl
from locoregional.measures.response.category import Category, Reading, overall
from locoregional.measures.response.change import diameter_spread, uptake_spread
from locoregional.measures.response.choi import choi
from locoregional.measures.response.diameters import axial_diameters, viable_diameters
from locoregional.measures.response.percist import percist
from locoregional.measures.response.size import mrecist, recist
from locoregional.measures.response.sphere import sphere_shares
from locoregional.measures.response.target import Target
from locoregional.measures.response.uptake import uptake_peak
from locoregional.progress import Progress, silent
from locoregional.validation.row import Row

__all__ = ["rows"]

TOPIC = "Response"
_EXACT = "exact solution"
_PIXEL_MM = 0.8  # a CT of 40 cm on 512 pixels
_PERCENT = 0.1  # accepted error of a cut-off


def _cut(judge, *, category: Category, low: float, high: float) -> float:  # type: ignore[no-untyped-def]
    """Follow-up value at which a category begins, found by halving."""
    inside = judge(low) is category
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (judge(middle) is category) == inside else (low, middle)
    return (low + high) / 2


def _cuts() -> Iterator[Row]:
    """Changes at which categories begin, against the tables they were read in."""

    def size(total: float) -> Category:
        return recist([Target("A", 60, 0.6 * total), Target("B", 40, 0.4 * total)], new_lesions=0).category

    def from_smallest(total: float) -> Category:
        return recist([Target("A", 100, total)], smallest_mm=50, new_lesions=0).category

    def small(total: float) -> Category:
        return recist([Target("A", 20, total)], new_lesions=0).category

    def viable(total: float) -> Category:
        return mrecist([Target("A", 100, total)], new_lesions=0).category

    def product(total: float) -> Category:
        return easl([Pair("A", (10, 10), (total, 1.0))], new_lesions=0).category

    def density(hu: float) -> Category:
        return choi([Target("A", 100, 100)], baseline_hu=100, follow_up_hu=hu, new_lesions=0).category

    def uptake(peak: float) -> Category:
        return percist(baseline_g_ml=10, follow_up_g_ml=peak, new_lesions=0).category

    pr, pd = Category.PR, Category.PD
    for name, judge, category, low, high, base, expected, source in (
        ("RECIST 1.1, partial response", size, pr, 50, 90, 100, -30, "kjr_hcc2022"),
        ("RECIST 1.1, progression over the smallest sum", from_smallest, pd, 51, 90, 50, 20, "clintranslimaging2017"),
        ("mRECIST, partial response", viable, pr, 50, 90, 100, -30, "kjr_hcc2022"),
        ("mRECIST, progression", viable, pd, 100, 150, 100, 20, "kjr_hcc2022"),
        ("EASL, partial response", product, pr, 20, 90, 100, -50, "jhep2011"),
        ("EASL, progression", product, pd, 100, 200, 100, 25, "jhep2011"),
        ("Choi, partial response by density", density, pr, 50, 99, 100, -15, "clintranslimaging2017"),
        ("PERCIST, partial metabolic response", uptake, pr, 3, 9, 10, -30, "jcancer2010"),
        ("PERCIST, progressive metabolic disease", uptake, pd, 10, 20, 10, 30, "jcancer2010"),
    ):
        value = 100 * (_cut(judge, category=category, low=low, high=high) / base - 1)
        yield Row(TOPIC, f"{name}: change at which it begins", value, expected, "%", _PERCENT, source)
    value = _cut(small, category=pd, low=20, high=40) - 20
    note = "a lesion of 20 mm, of which 20 % is 4 mm"
    yield Row(TOPIC, "RECIST 1.1, progression: least increase", value, 5, "mm", 0.01, "clintranslimaging2017", note)
    faint = 2.0 - _cut(
        lambda x: percist(baseline_g_ml=2.0, follow_up_g_ml=x, new_lesions=0).category, category=pr, low=0.5, high=2
    )
    note = "SULpeak of 2 at baseline, of which 30 % is 0.6"
    yield Row(TOPIC, "PERCIST, partial metabolic response: least fall", faint, 0.8, "1", 0.001, "jcancer2010", note)
    nodes = _cut(lambda x: recist([Target("N", 20, x, node=True)], new_lesions=0).category, category=Category.CR, low=5, high=15)
    yield Row(TOPIC, "RECIST 1.1, complete response: short axis of nodes below", nodes, 10, "mm", 0.01, "clintranslimaging2017")


def _examples() -> Iterator[Row]:
    """Worked examples: categories counted as agreements."""
    sums, smallest, agreed = (70.0, 70.0, 80.0, 80.0, 80.0), 100.0, 0
    for total in sums:
        reading: Reading = recist([Target("A", 100, total)], smallest_mm=smallest, non_target="persisting", new_lesions=0)
        agreed += reading.category is Category.PR
        smallest = min(smallest, total)
    note = "sums 100, 70, 70, 80, 80, 80 with stable other lesions: partial response at each of five time points"
    yield Row(TOPIC, "example of the EORTC: time points read alike", agreed, 5, "1", 0, "eortc_recist_faq", note)
    cr, pr, sd, pd = Category.CR, Category.PR, Category.SD, Category.PD
    table = (
        (cr, "gone", 0, cr), (cr, "persisting", 0, pr), (pr, "persisting", 0, pr), (pr, "not evaluated", 0, pr),
        (sd, "persisting", 0, sd), (sd, "not evaluated", 0, sd), (pd, "persisting", 0, pd), (pd, "gone", 1, pd),
        (sd, "progressing", 0, pd), (cr, "progressing", 1, pd), (cr, "gone", 1, pd), (pr, "persisting", 1, pd),
    )  # fmt: skip
    agreed = sum(overall(t, non_target=n, new_lesions=k) is expected for t, n, k, expected in table)  # type: ignore[arg-type]
    name = "RECIST 1.1, time point response: combinations of target, non-target and new lesions read alike"
    yield Row(TOPIC, name, agreed, len(table), "1", 0, "recist_timepoint")


def _repeats() -> Iterator[Row]:
    """Measurement error against the limits that were published."""
    for readers, lesions, words, reference in (
        ("different", 1, "a single diameter, two observers", (25.4 + 22.1) / 2),
        ("different", 3, "a sum of diameters, two observers", (19.5 + 19.2) / 2),
        ("same", 1, "a single diameter, one observer", (16.1 + 17.8) / 2),
        ("same", 3, "a sum of diameters, one observer", (13.1 + 9.8) / 2),
    ):
        share = diameter_spread(readers=readers, lesions=lesions).share  # type: ignore[arg-type]
        value = 100 * math.sinh(1.959964 * share)
        note = "half the width of the 95 % limits of agreement; taken as symmetric in the ratio"
        yield Row(TOPIC, f"repeated measurement, {words}", value, reference, "%", 1.0, "yoon2016", note)
    spread = 1.959964 * uptake_spread().share
    note = "from a coefficient of variation of 10 %; the abstract rounds"
    for sign, words, reference in ((-1, "fall", -25.0), (1, "rise", 33.0)):
        value = 100 * (math.exp(sign * spread) - 1)
        yield Row(TOPIC, f"uptake: {words} beyond measurement error (95 %)", value, reference, "%", 2.0, "lodge2017", note)


def _ellipse(a_mm: float, b_mm: float, *, angle_rad: float, steps: int, hole_mm: float = 0.0) -> Volume:
    """One axial slice of an ellipse or ring; with several steps the share of each pixel that lies inside."""
    half = int(1.3 * a_mm / _PIXEL_MM)
    grid = Grid.regular((1, 2 * half, 2 * half), spacing_mm=(3.0, _PIXEL_MM, _PIXEL_MM))
    at = (np.arange(2 * half) - half + 0.37) * _PIXEL_MM
    inside = np.zeros((2 * half, 2 * half))
    places = ((np.arange(steps) + 0.5) / steps - 0.5) * _PIXEL_MM
    for dy in places:
        for dx in places:
            y, x = np.meshgrid(at + dy, at + dx, indexing="ij")
            u, v = x * np.cos(angle_rad) + y * np.sin(angle_rad), y * np.cos(angle_rad) - x * np.sin(angle_rad)
            inside += ((u / a_mm) ** 2 + (v / b_mm) ** 2 <= 1) & (u**2 + v**2 >= hole_mm**2)
    share: NDArray = (inside / steps**2)[None]
    return Volume(share > 0.5 if steps == 1 else share.astype(np.float32), grid.affine)


def _shapes() -> Iterator[Row]:
    """Diameters of ellipses and of a ring: the worst of many positions."""
    for steps, words, tolerance_mm in ((1, "voxels in or out", _PIXEL_MM), (5, "partial occupancy", 0.25)):
        for a_mm, b_mm in ((20.0, 12.0), (8.0, 5.0)):
            longs, shorts = [], []
            for angle in np.linspace(0, math.pi, 13):
                found = axial_diameters(_ellipse(a_mm, b_mm, angle_rad=float(angle), steps=steps))
                longs.append(found.long_mm)
                shorts.append(found.short_mm)
            name = f"ellipse of {2 * a_mm:g} by {2 * b_mm:g} mm, 13 angles, {_PIXEL_MM:g} mm pixels, {words}"
            for what, values, exact in (("longest", longs, 2 * a_mm), ("across", shorts, 2 * b_mm)):
                worst = max(values, key=lambda x, exact=exact: abs(x - exact))  # type: ignore[misc]
                note = f"the worst; mean {np.mean(values):.2f} mm"
                yield Row(TOPIC, f"{name}: {what}", worst, exact, "mm", tolerance_mm, _EXACT, note)
    ring = _ellipse(20.0, 20.0, angle_rad=0.0, steps=1, hole_mm=15.0)
    chord = 2 * math.sqrt(20.0**2 - 15.0**2)
    note = "the longest line that stays in viable tumour; a gap of one pixel is passed over"
    name = "ring of 40 mm around necrosis of 30 mm: longest viable diameter"
    yield Row(TOPIC, name, viable_diameters(ring).long_mm, chord, "mm", 2 * _PIXEL_MM, _EXACT, note)


def _peaks() -> Iterator[Row]:
    """SULpeak of a sphere and of a Gaussian, and the geometry behind it."""
    radius_mm = (3e3 / (4 * math.pi)) ** (1 / 3)
    shares = sphere_shares(radius_mm=1.0, spacing_mm=(4.0, 40.0, 40.0), offset_mm=(1.5, 0.0, 0.0))
    above = float(shares.sum(axis=(1, 2))[shares.shape[0] // 2 + 1])
    cap = (1 - 0.5) ** 2 * (2 + 0.5) / 4
    yield Row(TOPIC, "share of a sphere beyond a plane at half its radius", above, cap, "1", 2e-5, _EXACT)
    for spacing_mm, reach in ((2.0, 21), (4.0, 15)):
        grid = Grid.regular(
            (reach,) * 3, spacing_mm=spacing_mm, origin_lps_mm=(np.array([0.3, -0.2, 0.4]) - reach // 2) * spacing_mm
        )
        index = np.stack(np.meshgrid(*[np.arange(reach)] * 3, indexing="ij"), axis=-1)
        away = np.linalg.norm(grid.to_lps(index), axis=-1)
        hot = Volume(np.where(away < 18, 7.0, 1.0), grid.affine, unit="g/ml")
        lesion = hot.on(away < 18, unit="")
        name = f"SULpeak of a uniform sphere of 36 mm, {spacing_mm:g} mm voxels"
        yield Row(TOPIC, name, uptake_peak(hot, lesion).value_g_ml, 7.0, "g/ml", 1e-6, _EXACT)
        blob = Volume(_gaussian(grid, index, spacing_mm), grid.affine, unit="g/ml")
        exact = _gaussian_mean(radius_mm)
        peak = uptake_peak(blob, blob.on(away < 12, unit=""))
        note = (
            f"centred on a voxel, as most programs do: {peak.at_voxel_g_ml:.2f}; what is lost is lost in the voxels, "
            "whose values are means"
        )
        name = f"SULpeak of a Gaussian of 10 g/ml, standard deviation 8 mm, {spacing_mm:g} mm voxels"
        yield Row(TOPIC, name, peak.value_g_ml, exact, "g/ml", 0.02 * exact, _EXACT, note)


def _gaussian(grid: Grid, index: NDArray, spacing_mm: float, sigma_mm: float = 8.0) -> NDArray[np.float64]:
    """Voxel means of a Gaussian of height 10 around the origin."""
    from scipy.special import erf

    width = sigma_mm * math.sqrt(2)
    x = grid.to_lps(index)
    means = (
        sigma_mm * math.sqrt(math.pi / 2) * (erf((x + spacing_mm / 2) / width) - erf((x - spacing_mm / 2) / width)) / spacing_mm
    )
    return np.asarray(10 * means.prod(axis=-1))


def _gaussian_mean(radius_mm: float, sigma_mm: float = 8.0) -> float:
    """Mean of that Gaussian in a sphere around its middle."""
    inner = sigma_mm**3 * math.sqrt(math.pi / 2) * math.erf(radius_mm / sigma_mm / math.sqrt(2))
    return 30 / radius_mm**3 * (inner - sigma_mm**2 * radius_mm * math.exp(-(radius_mm**2) / 2 / sigma_mm**2))


def rows(progress: Progress = silent) -> Iterator[Row]:
    """Lines of the validation table on response criteria.

    Parameters
    ----------
    progress : Progress
        Told the share done.

    Yields
    ------
    Row
        One comparison.
    """
    for done, topic, words in (
        (0.0, _cuts, "cut-offs of response criteria"),
        (0.2, _examples, "worked examples of response"),
        (0.3, _repeats, "repeated measurements"),
        (0.4, _shapes, "diameters of known shapes"),
        (0.7, _peaks, "uptake of known spheres"),
    ):
        progress(done, words)
        yield from topic()
