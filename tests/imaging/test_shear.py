import numpy as np
import pytest

from locoregional.errors import GeometryError
from locoregional.imaging.shear import orthogonal_grid, straightened
from locoregional.imaging.volume import Grid, Volume


def tilted(shift=0.8):
    affine = Grid.regular((12, 30, 20), spacing_mm=(3, 1, 1.5), origin_lps_mm=(5, 6, 7)).affine.copy()
    affine[1, 0] = shift
    return Grid((12, 30, 20), affine)


@pytest.mark.parametrize("shift", [0.8, -1.7])
def test_every_sheared_voxel_is_inside(shift):
    grid = tilted(shift)
    straight = orthogonal_grid(grid)
    assert straight.is_orthogonal
    corners = np.array(np.meshgrid((0, 11), (0, 29), (0, 19), indexing="ij")).reshape(3, -1).T
    assert straight.contains(grid.to_lps(corners)).all()
    np.testing.assert_allclose(straight.spacing_mm, [3, 1, 1.5])


def test_a_linear_image_is_carried_exactly():
    grid = tilted()
    points = grid.to_lps(np.stack(np.indices(grid.shape), axis=-1))
    volume = Volume((points @ [1.0, 2.0, -3.0]).astype(np.float32), grid.affine, unit="HU")
    result = straightened(volume, outside=np.nan)
    there = result.grid.to_lps(np.stack(np.indices(result.shape), axis=-1)) @ [1.0, 2.0, -3.0]
    known = np.isfinite(result.array)
    assert known.mean() > 0.6
    np.testing.assert_allclose(result.array[known], there[known], atol=1e-3)
    assert "perpendicular" in result.assumed[-1]


def test_straight_stays_and_skewed_planes_are_refused():
    straight = Volume(np.zeros((2, 3, 4)), Grid.regular((2, 3, 4), spacing_mm=1).affine)
    assert straightened(straight, outside=0) is straight
    affine = np.eye(4)
    affine[2, 1] = 0.5
    with pytest.raises(GeometryError):
        orthogonal_grid(Grid((2, 2, 2), affine))
