"""Measurements as a structured report."""

import numpy as np
import pydicom
import pytest

from locoregional.errors import DicomError
from locoregional.imaging.dicom_write import write_ct_series
from locoregional.imaging.measurement_report import Measured, write_measurement_report
from locoregional.imaging.seg_write import write_seg
from locoregional.imaging.volume import Grid, Volume

GRID = Grid.regular((6, 16, 16), spacing_mm=(3.0, 2.0, 2.0))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("sr")
    ct = Volume(np.full(GRID.shape, 40, np.int16), GRID.affine, unit="HU", modality="CT")
    write_ct_series(ct, where / "ct", patient_id="p", series_description="CT")
    masks = {}
    for name, start in (("tumour", 2), ("liver", 4)):
        mask = np.zeros(GRID.shape, bool)
        mask[1:5, start : start + 6, 3:12] = True
        masks[name] = Volume(mask, GRID.affine)
    write_seg(masks, where / "seg.dcm", source=where / "ct")
    return where


def numeric(item):
    if item.ValueType == "NUM":
        yield item
    for child in item.get("ContentSequence", []):
        yield from numeric(child)


def test_every_number_comes_back_with_its_unit_and_interval(folder):
    measured = (
        Measured("tumour", "Dmean", "Mean absorbed dose", 121.5, "Gy", 100.25, 140.0),
        Measured("tumour", "D70", "Dose that 70 % of the volume receive at least", 80.0, "Gy"),
        Measured("liver", "V30", "Volume that receives at least 30 Gy", 41.0, "%", 30.0, 55.0),
    )
    write_measurement_report(
        measured, folder / "sr.dcm", segmentation=folder / "seg.dcm", source=folder / "ct", description="Dose"
    )
    report = pydicom.dcmread(folder / "sr.dcm")
    assert report.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    found = [n for n in numeric(report) if n.ConceptNameCodeSequence[0].CodingSchemeDesignator == "99LOCOREGIONAL"]
    read = {
        n.ConceptNameCodeSequence[0].CodeValue: (
            float(n.MeasuredValueSequence[0].NumericValue),
            n.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue,
        )
        for n in found
    }
    assert read == {"Dmean": (121.5, "Gy"), "D70": (80.0, "Gy"), "V30": (41.0, "%")}
    mean = next(n for n in found if n.ConceptNameCodeSequence[0].CodeValue == "Dmean")
    spread = sorted(float(c.MeasuredValueSequence[0].NumericValue) for c in mean.ContentSequence if c.ValueType == "NUM")
    assert spread == [18.5, 21.25]
    referenced = {str(item.ReferencedSOPInstanceUID) for item in _referenced(report)}
    assert str(pydicom.dcmread(folder / "seg.dcm").SOPInstanceUID) in referenced


def _referenced(item):
    yield from item.get("ReferencedSOPSequence", [])
    for child in item.get("ContentSequence", []):
        yield from _referenced(child)


def test_what_cannot_be_written_is_refused(folder):
    def written(*measured):
        write_measurement_report(
            measured, folder / "no.dcm", segmentation=folder / "seg.dcm", source=folder / "ct", description="Dose"
        )

    with pytest.raises(DicomError, match="no segment 'lung'"):
        written(Measured("lung", "Dmean", "Mean dose", 10.0, "Gy"))
    with pytest.raises(DicomError, match="cannot be written"):
        written(Measured("liver", "Dmean", "Mean dose", float("nan"), "Gy"))
    with pytest.raises(DicomError, match="cannot be written"):
        written(Measured("liver", "Dmean", "Mean dose", 3.0, "furlong"))
    with pytest.raises(DicomError, match="no measurement"):
        written()
    assert not (folder / "no.dcm").exists()
