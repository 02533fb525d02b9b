"""Measurements on segments as a DICOM structured report (TID 1500), so that a PACS keeps the numbers beside the masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from locoregional.errors import DicomError
from locoregional.imaging.atomic import atomic_path
from locoregional.imaging.dicom_file import open_dicom
from locoregional.imaging.dicom_source import source_datasets
from locoregional.version import __version__

__all__ = ["Measured", "write_measurement_report"]

OWN_SCHEME = "99LOCOREGIONAL"
"""Coding scheme of measurements for which no standard code is known."""
UCUM = {"Gy": ("Gy", "Gray"), "%": ("%", "Percent"), "ml": ("mL", "Milliliter"), "mm": ("mm", "Millimeter"),
        "GBq": ("GBq", "Gigabecquerel"), "1": ("1", "no units")}  # fmt: skip
MANUFACTURER = "Locoregional"


@dataclass(frozen=True)
class Measured:
    """One number on one segment.

    Attributes
    ----------
    region : str
        Label of the segment.
    name : str
        Short identifier, at most 16 characters: it becomes the code.
    words : str
        What it means.
    value : float
        Value, in ``unit``.
    unit : str
        ``Gy``, ``%``, ``ml``, ``mm``, ``GBq`` or ``1``.
    low, high : float or None
        Ends of its interval.
    """

    region: str
    name: str
    words: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None


def write_measurement_report(
    measured: Sequence[Measured],
    path: str | Path,
    *,
    segmentation: str | Path,
    source: str | Path,
    description: str,
    overwrite: bool = False,
) -> None:
    """Write measurements as a Comprehensive 3D SR after TID 1500, each group bound to its segment.

    Parameters
    ----------
    measured : sequence of Measured
        Numbers; their regions are labels of segments.
    path : path
        File to write.
    segmentation : path
        DICOM SEG with those segments.
    source : path
        Folder of the series to which the SEG refers.
    description : str
        Series description.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    DicomError
        If there is nothing to write, a segment is not in the SEG, a unit has no code, or a number is not finite.
    """
    import highdicom as hd
    from pydicom.sr.codedict import codes
    from pydicom.uid import generate_uid

    where = str(path)
    if not measured:
        raise DicomError("there is no measurement to write", where=where, remedy="Give at least one.")
    images, seg = source_datasets(source, where=where), open_dicom(segmentation)
    numbers = {str(s.SegmentLabel): s for s in seg.SegmentSequence}
    groups = []
    for region in dict.fromkeys(m.region for m in measured):
        if region not in numbers:
            raise DicomError(f"the segmentation has no segment {region!r}", where=where, remedy=f"It has: {', '.join(numbers)}.")
        segment = numbers[region]
        groups.append(
            hd.sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
                tracking_identifier=hd.sr.TrackingIdentifier(uid=segment.TrackingUID, identifier=region[:64]),
                referenced_segment=hd.sr.ReferencedSegment.from_segmentation(seg, int(segment.SegmentNumber)),
                measurements=[_measurement(m, where) for m in measured if m.region == region],
            )
        )
    device = hd.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=generate_uid(entropy_srcs=[MANUFACTURER, __version__]), name="locoregional", manufacturer_name=MANUFACTURER
        ),
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=device),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion if str(images[0].Modality) == "CT" else codes.DCM.ImagingProcedure,
        imaging_measurements=groups,
        title=codes.DCM.ImagingMeasurementReport,
    )
    report = hd.sr.Comprehensive3DSR(
        evidence=[seg, *images],
        content=content[0],
        series_number=901,
        series_instance_uid=generate_uid(),
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        series_description=description[:64],
    )
    with atomic_path(path, overwrite=overwrite) as temporary:
        report.save_as(temporary)


def _measurement(one: Measured, where: str) -> Any:
    import highdicom as hd

    if one.unit not in UCUM or not isfinite(one.value):
        raise DicomError(
            f"{one.name} = {one.value:g} {one.unit} cannot be written", where=where, remedy=f"Use {', '.join(UCUM)}."
        )
    code, meaning = UCUM[one.unit]
    properties = None
    if one.low is not None and one.high is not None:
        properties = hd.sr.MeasurementProperties(
            upper_measurement_uncertainty=float(one.high - one.value), lower_measurement_uncertainty=float(one.value - one.low)
        )
    return hd.sr.Measurement(
        name=hd.sr.CodedConcept(one.name[:16], OWN_SCHEME, one.words[:64]),
        value=float(one.value),
        unit=hd.sr.CodedConcept(code, "UCUM", meaning),
        properties=properties,
    )
