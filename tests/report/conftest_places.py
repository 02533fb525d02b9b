"""A ball in a rotated grid: the same place in the patient, whatever way the voxels run."""

import numpy as np
from scipy.spatial.transform import Rotation

from locoregional.imaging.volume import Grid, Volume


def turned(angles_deg, *, ball_lps_mm, radius_mm=4.0):
    turn = Rotation.from_euler("xyz", angles_deg, degrees=True).as_matrix()
    affine = np.eye(4)
    affine[:3, :3] = turn[:, ::-1] * np.array([1.5, 1.0, 1.0])
    shape = (48, 72, 72)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    grid = Grid(shape, affine)
    places = grid.to_lps(np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1))
    inside = np.linalg.norm(places - np.asarray(ball_lps_mm), axis=-1) < radius_mm
    return Volume(inside.astype(np.float32), affine)
