"""The binary header of a NIfTI file, and where its voxels are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import GeometryError, ImagingError
from locoregional.imaging.plausible import require_patient_scale

__all__ = ["NiftiHeader", "nifti_affine", "parse_nifti_header", "qform"]

Prefer = Literal["sform", "qform"]

NIFTI1 = np.dtype(
    {
        "names": "sizeof_hdr dim datatype pixdim vox_offset scl_slope scl_inter xyzt_units descrip "
        "qform_code sform_code quatern qoffset srow magic".split(),
        "formats": "<i4 (8,)<i2 <i2 (8,)<f4 <f4 <f4 <f4 u1 S80 <i2 <i2 (3,)<f4 (3,)<f4 (3,4)<f4 S4".split(),
        "offsets": [0, 40, 70, 76, 108, 112, 116, 123, 148, 252, 254, 256, 268, 280, 344],
        "itemsize": 348,
    }
)
NIFTI2 = np.dtype(
    {
        "names": "sizeof_hdr magic datatype dim pixdim vox_offset scl_slope scl_inter descrip "
        "qform_code sform_code quatern qoffset srow xyzt_units".split(),
        "formats": "<i4 S4 <i2 (8,)<i8 (8,)<f8 <i8 <f8 <f8 S80 <i4 <i4 (3,)<f8 (3,)<f8 (3,4)<f8 <i4".split(),
        "offsets": [0, 4, 12, 16, 104, 168, 176, 184, 240, 344, 348, 352, 376, 400, 500],
        "itemsize": 540,
    }
)

DTYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
"""Voxel types that are one number; the others (colour, complex, bits, 128-bit) are refused by name."""

REFUSED_TYPES = {
    0: "unknown",
    1: "single bits",
    32: "complex",
    128: "RGB colour",
    1536: "128-bit float",
    1792: "complex",
    2304: "RGBA colour",
}

MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 1e-3}
UNIT_NAMES = {1: "metres", 3: "micrometres"}

AGREEMENT_MM = 0.1
"""sform and qform whose corner voxels agree this well say the same (float32 quaternions are no better on a large image)."""

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True)
class NiftiHeader:
    """What a NIfTI header says.

    Attributes
    ----------
    shape : tuple of int
        Voxels along i, j, k (fastest first), and further axes.
    dtype : numpy dtype
        Stored type, with byte order.
    offset : int
        Bytes before the voxels.
    slope, intercept : float
        Value = slope x stored + intercept.
    pixdim : ndarray, shape (8,)
        Handedness and voxel sides as stored.
    unit_code : int
        Unit of length: 0 unknown, 1 m, 2 mm, 3 micrometre.
    qform_code, sform_code : int
        0 where that transform is not given.
    quaternion, qoffset, srow : ndarray
        The two transforms as stored (RAS, stored unit).
    detached : bool
        Whether the voxels stand in a separate ``.img`` file.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    offset: int
    slope: float
    intercept: float
    pixdim: NDArray[np.float64]
    unit_code: int
    qform_code: int
    sform_code: int
    quaternion: NDArray[np.float64]
    qoffset: NDArray[np.float64]
    srow: NDArray[np.float64]
    detached: bool


def parse_nifti_header(data: bytes, *, where: str) -> NiftiHeader:
    """Read a NIfTI-1 or NIfTI-2 header.

    Parameters
    ----------
    data : bytes
        Begin of the file, decompressed.
    where : str
        File, for messages.

    Raises
    ------
    ImagingError
        If this is no NIfTI, is ANALYZE 7.5, is cut off, or holds voxels that are not numbers.
    """
    size = data[:4]
    little = size in (b"\x5c\x01\0\0", b"\x1c\x02\0\0")
    if not little and size not in (b"\0\0\x01\x5c", b"\0\0\x02\x1c"):
        raise ImagingError("not a NIfTI file (the header size is neither 348 nor 540)", where=where)
    layout = NIFTI1 if 0x5C in size else NIFTI2
    if len(data) < layout.itemsize:
        raise ImagingError(
            f"the header ends early: {len(data)} of {layout.itemsize} bytes", where=where, remedy="Copy the file again."
        )
    raw = np.frombuffer(data, layout if little else layout.newbyteorder(), count=1)[0]
    magic = bytes(raw["magic"])
    if magic[:3] not in (b"n+1", b"ni1", b"n+2", b"ni2"):
        raise ImagingError(
            "an ANALYZE 7.5 or damaged header: it does not say which side is left",
            where=where,
            remedy="Export as NIfTI (.nii.gz).",
        )
    code = int(raw["datatype"])
    if code not in DTYPES:
        raise ImagingError(f"voxels of type {REFUSED_TYPES.get(code, code)} are not one number each", where=where)
    rank = int(raw["dim"][0])
    shape = tuple(int(n) for n in raw["dim"][1 : rank + 1]) if 1 <= rank <= 7 else ()
    if not shape or min(shape) < 1:
        raise ImagingError(
            f"the header gives impossible sizes {[int(n) for n in raw['dim']]}", where=where, remedy="Copy the file again."
        )
    offset = float(raw["vox_offset"])
    if not np.isfinite(offset) or offset < 0:
        raise ImagingError(f"the header gives an impossible place for the voxels ({offset} bytes)", where=where)
    detached = magic[:2] == b"ni"
    slope, intercept = float(raw["scl_slope"]), float(raw["scl_inter"])
    if slope == 0 or not np.isfinite(slope):  # the standard: the scale is then not to be used
        slope, intercept = 1.0, 0.0
    if not np.isfinite(intercept):
        raise ImagingError(f"the intercept of the values is {intercept}", where=where, remedy="Write the file again.")
    return NiftiHeader(
        shape=shape,
        dtype=np.dtype(DTYPES[code]).newbyteorder("<" if little else ">"),
        offset=int(offset) if detached else max(int(offset), layout.itemsize + 4),
        slope=slope,
        intercept=intercept,
        pixdim=raw["pixdim"].astype(np.float64),
        unit_code=int(raw["xyzt_units"]) & 7,
        qform_code=int(raw["qform_code"]),
        sform_code=int(raw["sform_code"]),
        quaternion=raw["quatern"].astype(np.float64),
        qoffset=raw["qoffset"].astype(np.float64),
        srow=raw["srow"].astype(np.float64),
        detached=detached,
    )


def nifti_affine(header: NiftiHeader, *, where: str, prefer: Prefer | None = None) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Affine from (slice, row, column) = (k, j, i) to LPS mm, and what was assumed.

    Parameters
    ----------
    header : NiftiHeader
        Parsed header.
    where : str
        File, for messages.
    prefer : {"sform", "qform"}, optional
        Which transform to believe where they contradict each other. Without it the sform is taken and the difference noted,
        unless the two are mirror images: then a side would be guessed, which is refused.

    Raises
    ------
    GeometryError
        If neither transform is given, they are mirror images, or the voxels are not of a body scan.
    """
    if header.unit_code not in MM_PER_UNIT:
        raise GeometryError(
            f"the unit of length has the unknown code {header.unit_code}", where=where, remedy="Set the unit to mm."
        )
    given: dict[str, NDArray[np.float64]] = {}
    if header.sform_code > 0:
        given["sform"] = np.vstack([header.srow, [0, 0, 0, 1]])
    if header.qform_code > 0:
        given["qform"] = qform(header, where=where)
    if not given or (prefer and prefer not in given):
        raise GeometryError(
            f"the header has no {prefer or 'sform and no qform'}: nothing says which side is left",
            where=where,
            remedy="Export the image again with its orientation.",
        )
    assumed: tuple[str, ...] = ()
    chosen = given[prefer or ("sform" if "sform" in given else "qform")]
    if len(given) == 2:
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in (*header.shape, 1, 1)[:3]], [1], indexing="ij")).reshape(4, -1)
        apart = np.abs((given["sform"] - given["qform"]) @ corners).max() * MM_PER_UNIT[header.unit_code]
        flipped = np.linalg.det(given["sform"][:3, :3]) * np.linalg.det(given["qform"][:3, :3]) < 0
        if flipped and prefer is None:
            raise GeometryError(
                "sform and qform are mirror images of each other: left and right cannot be told",
                where=where,
                remedy="Find out which is right and pass prefer='sform' or prefer='qform'.",
            )
        if not apart < AGREEMENT_MM:
            assumed += (f"sform and qform disagree by up to {apart:.1f} mm; the {prefer or 'sform'} was taken",)
    if header.unit_code == 0:
        assumed += ("the header gives no unit of length; millimetres were assumed",)
    elif header.unit_code != 2:
        assumed += (f"lengths converted from {UNIT_NAMES[header.unit_code]} to mm",)
    affine = RAS_TO_LPS @ np.diag([*[MM_PER_UNIT[header.unit_code]] * 3, 1.0]) @ chosen
    affine = affine[:, [2, 1, 0, 3]]
    require_patient_scale(affine, where=where)
    return affine, assumed


def qform(header: NiftiHeader, *, where: str) -> NDArray[np.float64]:
    """Transform of the quaternion, as the NIfTI-1 standard defines it (index i, j, k to RAS in the stored unit)."""
    rest = 1.0 - float((header.quaternion**2).sum())
    if not np.isfinite(rest) or rest < -1e-5:  # float32 rounding of a half turn is of the order 1e-7
        raise GeometryError("the quaternion of the qform is not a rotation", where=where, remedy="Write the image again.")
    a = np.sqrt(max(rest, 0.0))
    b, c, d = header.quaternion / np.sqrt(1.0 - min(rest, 0.0))
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * header.pixdim[1:4] * np.array([1, 1, -1 if header.pixdim[0] < 0 else 1])
    matrix[:3, 3] = header.qoffset
    return matrix
