"""How an angiographic series was taken: times, relation to the beam, mask frames, projection, size of a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from locoregional.errors import DicomError
from locoregional.imaging.angiography_times import frame_times
from locoregional.imaging.dicom_classes import patient_key
from locoregional.imaging.dicom_file import items, numbers, tag_name, text, value_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["Acquisition", "acquisition_of", "nested"]

ROTATES_DEG = 1.0
"""Largest movement of the C-arm within a run that is still taken for a standing one."""


@dataclass(frozen=True)
class Acquisition:
    """How the frames were taken; what the file does not say is None, or a sentence in ``words``.

    Attributes
    ----------
    times_s : tuple of float
        Time of each frame from the first one.
    relationship : str
        ``LIN``: values are proportional to the intensity of the beam; ``LOG``: to its logarithm.
    rises_with_beam : bool
        Whether more radiation gives a higher value.
    limits : tuple of float or None
        Lowest and highest value that the detector can give.
    mask_frames : tuple of int
        Frames before the contrast medium that the file names for subtraction, counted from 0; empty if it names none.
    spacing_mm : tuple of float or None
        Between rows and between columns: in the patient where the magnification is known, else on the detector.
    magnification : float or None
        From the patient to the detector.
    primary_deg, secondary_deg : float or None
        Angles of the C-arm: towards the left (positive) or right of the patient, towards the head (positive) or feet.
    field_mm : tuple of float
        Field of the detector, one or two numbers; empty if not stated.
    contrast_ml : float or None
        Volume of the contrast medium.
    contrast_ml_s : float or None
        Rate of the injection.
    shown_inverted : bool
        Whether a viewer shows high values dark (MONOCHROME1 or an inverse presentation); the values are not touched by it.
    patient : str
        Eight letters that differ between patients and name none.
    words : tuple of str
        What was assumed or could not be read.
    """

    times_s: tuple[float, ...]
    relationship: str
    rises_with_beam: bool = True
    limits: tuple[float, float] | None = None
    mask_frames: tuple[int, ...] = ()
    spacing_mm: tuple[float, float] | None = None
    magnification: float | None = None
    primary_deg: float | None = None
    secondary_deg: float | None = None
    field_mm: tuple[float, ...] = ()
    contrast_ml: float | None = None
    contrast_ml_s: float | None = None
    shown_inverted: bool = False
    patient: str = ""
    words: tuple[str, ...] = ()

    def with_words(self, *words: str, limits: tuple[float, float]) -> Acquisition:
        """Same acquisition with more to say, and the range that its values can have."""
        return replace(self, words=(*self.words, *words), limits=limits)


def acquisition_of(dataset: Dataset, *, frames: int, relationship: str, where: str) -> Acquisition:
    """Acquisition from a header.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Header of an XA, RF or enhanced object.
    frames : int
        How many there are.
    relationship : str
        ``LIN`` or ``LOG`` as a person states it; empty: what the file says.
    where : str
        For messages.

    Raises
    ------
    DicomError
        If times or relationship are missing, elements contradict each other, or the C-arm moved.
    """
    _refuse_rotation(dataset, where)
    times, words = frame_times(dataset, frames, where=where)
    kind, rises, more = _relationship(dataset, relationship, where)
    spacing, magnification, most = _spacing(dataset, where)
    masks, last = _mask_frames(dataset, frames, where)
    primary = _angle(dataset, "PositionerPrimaryAngle", where)
    secondary = _angle(dataset, "PositionerSecondaryAngle", where)
    words += (*more, *most, *last)
    if primary is None or secondary is None:
        words += ("the file does not state both angles of the C-arm, so the projection cannot be compared",)
    inverted = text(dataset, "PhotometricInterpretation", where=where) == "MONOCHROME1"
    if text(dataset, "PresentationLUTShape", where=where) == "INVERSE":
        inverted = not inverted
    field = value_of(dataset, "FieldOfViewDimensions", where=where)
    field = value_of(dataset, "IntensifierSize", where=where) if field is None else field
    volume, rate = nested(dataset, "ContrastBolusVolume", 1, where=where), nested(dataset, "ContrastFlowRate", 1, where=where)
    return Acquisition(
        times_s=tuple(float(t) for t in times),
        relationship=kind,
        rises_with_beam=rises,
        mask_frames=masks,
        spacing_mm=spacing,
        magnification=magnification,
        primary_deg=primary,
        secondary_deg=secondary,
        field_mm=() if field is None else tuple(float(x) for x in np.atleast_1d(field)),
        contrast_ml=None if volume is None else float(volume[0]),
        contrast_ml_s=None if rate is None else float(rate[0]),
        shown_inverted=inverted,
        patient=patient_key(dataset, where=where),
        words=words,
    )


def nested(dataset: Dataset, keyword: str, count: int, *, where: str) -> NDArray[np.float64] | None:
    """Numbers of an element in the root, or in the functional groups: shared ones first, then those of the first frame."""
    found = numbers(dataset, keyword, count, where=where)
    if found is not None:
        return found
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in items(dataset, groups, where=where)[:1]:
            for element in group:
                if element.VR != "SQ":
                    continue
                for inner in items(group, element.keyword, where=where)[:1]:
                    found = numbers(inner, keyword, count, where=where)
                    if found is not None:
                        return found
    return None


def _words_of(dataset: Dataset, keyword: str, where: str) -> str:
    """Text of an element in the root or the functional groups."""
    found = text(dataset, keyword, where=where)
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in items(dataset, groups, where=where)[:1]:
            for element in group:
                if not found and element.VR == "SQ":
                    found = "".join(text(inner, keyword, where=where) for inner in items(group, element.keyword, where=where)[:1])
    return found


def _relationship(dataset: Dataset, stated: str, where: str) -> tuple[str, bool, tuple[str, ...]]:
    said = _words_of(dataset, "PixelIntensityRelationship", where).strip().upper()
    sign = _words_of(dataset, "PixelIntensityRelationshipSign", where).strip()
    words: tuple[str, ...] = ()
    kind = stated or said
    if stated and said and stated != said:
        words = (f"the file calls its values {said}; they were taken for {stated}, as stated by the user",)
    elif stated and not said:
        words = (f"the file does not say how its values follow from the beam; {stated} was stated by the user",)
    if kind not in ("LIN", "LOG"):
        said = f"says {said}" if said else "does not say it"
        raise DicomError(
            f"how the values follow from the beam is needed (LIN or LOG), and the file {said}",
            where=f"{where}: {tag_name('PixelIntensityRelationship')}",
            remedy="Export the original run; or state LIN or LOG if the maker of the machine says which it is.",
        )
    if sign not in ("", "1", "-1"):
        raise DicomError(f"{tag_name('PixelIntensityRelationshipSign')} is {sign!r}", where=where, remedy="It can be 1 or -1.")
    if not sign:
        words += ("the file does not say whether values rise with the beam; that they do was assumed",)
    return kind, sign != "-1", words


def _spacing(dataset: Dataset, where: str) -> tuple[tuple[float, float] | None, float | None, tuple[str, ...]]:
    centre = nested(dataset, "ObjectPixelSpacingInCenterOfBeam", 2, where=where)
    imager = nested(dataset, "ImagerPixelSpacing", 2, where=where)
    calibrated = nested(dataset, "PixelSpacing", 2, where=where)
    factor = nested(dataset, "EstimatedRadiographicMagnificationFactor", 1, where=where)
    detector = nested(dataset, "DistanceSourceToDetector", 1, where=where)
    patient = nested(dataset, "DistanceSourceToPatient", 1, where=where)
    for keyword, found in (("ImagerPixelSpacing", imager), ("ObjectPixelSpacingInCenterOfBeam", centre)):
        if found is not None and (found <= 0).any():
            raise DicomError(f"{tag_name(keyword)} is not positive", where=where, remedy="Export the series again.")
    magnification = None
    if factor is not None and factor[0] > 0:
        magnification = float(factor[0])
    elif detector is not None and patient is not None and patient[0] > 0:
        magnification = float(detector[0] / patient[0])
    if magnification is not None and not 1.0 <= magnification <= 5.0:
        return _pair(imager), None, (f"a magnification of {magnification:g} is implausible and was not used",)
    if centre is not None:
        return _pair(centre), magnification, ()
    if imager is not None and magnification is not None:
        return _pair(imager / magnification), magnification, ("the size of a pixel is an estimate for the centre of the beam",)
    if imager is not None:
        return _pair(imager), None, ("the magnification is not stated: lengths hold on the detector, not in the patient",)
    if calibrated is not None:
        return _pair(calibrated), magnification, ("the size of a pixel is that of a calibration in the file",)
    return None, magnification, ("the file does not state the size of a pixel",)


def _pair(found: NDArray[np.float64] | None) -> tuple[float, float] | None:
    return None if found is None else (float(found[0]), float(found[1]))


def _angle(dataset: Dataset, keyword: str, where: str) -> float | None:
    found = nested(dataset, keyword, 1, where=where)
    return None if found is None else float(found[0])


def _refuse_rotation(dataset: Dataset, where: str) -> None:
    moves = _words_of(dataset, "PositionerMotion", where).strip().upper() == "DYNAMIC"
    for keyword in ("PositionerPrimaryAngleIncrement", "PositionerSecondaryAngleIncrement"):
        steps = value_of(dataset, keyword, where=where)
        moves |= steps is not None and float(np.sum(np.abs(np.atleast_1d(np.asarray(steps, dtype=float))))) > ROTATES_DEG
    if moves:
        raise DicomError("the C-arm moves during this run", where=where, remedy="Choose a run with a standing C-arm.")


def _mask_frames(dataset: Dataset, frames: int, where: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Frames that the file averages for its mask, from 0."""
    found: list[int] = []
    words: list[str] = []
    for item in items(dataset, "MaskSubtractionSequence", where=where):
        operation = text(item, "MaskOperation", where=where).strip().upper()
        if operation != "AVG_SUB":
            words.append(f"the subtraction {operation or 'without a name'} of the file has no standing mask and was not used")
            continue
        named = value_of(item, "MaskFrameNumbers", where=where)
        for number in [] if named is None else [int(x) for x in np.atleast_1d(named)]:
            if not 1 <= number <= frames:
                raise DicomError(
                    f"mask frame {number} of {frames}", where=f"{where}: {tag_name('MaskFrameNumbers')}",
                    remedy="Export the series again.",
                )  # fmt: skip
            found.append(number - 1)
    return tuple(sorted(set(found))), tuple(words)
