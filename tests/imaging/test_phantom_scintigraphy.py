"""Scans of a known activity."""

import numpy as np
import pytest

from locoregional.errors import ImagingError
from locoregional.imaging.phantom.scintigraphy import perfused_activity, scintigram
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((40, 60, 60), spacing_mm=(3.0, 2.0, 2.0), origin_lps_mm=(-60.0, -60.0, -60.0))


def ball(radius_mm, centre=(0.0, 0.0, 0.0)):
    index = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
    return Volume(((GRID.to_lps(index) - np.asarray(centre)) ** 2).sum(-1) <= radius_mm**2, GRID.affine)


def test_compartments_hold_their_shares_whatever_the_pattern():
    tumour, liver = ball(10.0, (15.0, 0.0, 0.0)), ball(40.0)
    normal = liver.on(liver.array & ~tumour.array)
    truth = perfused_activity({"t": 0.4, "n": 0.6}, {"t": tumour, "n": normal}, total_bq=1e8, unevenness=0.5, seed=3)
    ml = GRID.voxel_ml
    assert truth.array[tumour.array].sum() * ml == pytest.approx(0.4e8, rel=1e-4)
    assert truth.array.sum(dtype=float) * ml == pytest.approx(1e8, rel=1e-4)
    assert truth.array[tumour.array].std() > 0.2 * truth.array[tumour.array].mean()


def test_an_image_keeps_the_activity_and_blurs_with_the_stated_width():
    point = ball(2.5)
    truth = perfused_activity({"p": 1.0}, {"p": point}, total_bq=1e9)
    image = scintigram(truth, spacing_mm=2.0, fwhm_mm=12.0, counts=4e7, seed=1, as_activity=True)
    assert float(image.array.sum(dtype=float)) * image.grid.voxel_ml == pytest.approx(1e9, rel=1e-3)
    index = np.argwhere(image.array >= 0)
    weight = image.array.ravel().astype(float) / image.array.sum(dtype=float)
    lps = image.grid.to_lps(index)
    middle = weight @ lps
    assert np.abs(middle).max() < 0.2
    variance = weight @ (lps[:, 0] - middle[0]) ** 2
    assert np.sqrt(variance) * 2.3548 == pytest.approx(12.0, rel=0.08)  # the ball and the voxels add a little


def test_counts_scatter_like_counts():
    truth = perfused_activity({"l": 1.0}, {"l": ball(40.0)}, total_bq=1e8)
    one, other = (scintigram(truth, spacing_mm=4.0, fwhm_mm=10.0, counts=2e6, seed=s) for s in (1, 2))
    inside = one.array > 0.7 * np.percentile(one.array, 99)
    difference = (one.array - other.array)[inside]
    assert difference.var() == pytest.approx(2 * one.array[inside].mean(), rel=0.15)
    assert one.unit == "counts"


def test_an_empty_compartment_is_refused():
    nothing = ball(10.0).on(np.zeros(GRID.shape, bool))
    with pytest.raises(ImagingError, match="compartment lung is empty"):
        perfused_activity({"lung": 0.05}, {"lung": nothing}, total_bq=1e8)
