"""``case.toml``: what a person writes to describe a case, checked word by word."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from locoregional.case.disease import Disease, Patient
from locoregional.case.lesion import Organ
from locoregional.case.radioembolization import Radioembolization
from locoregional.case.site import BoneFindings, SpineFindings
from locoregional.errors import CaseError, LocoregionalError

__all__ = [
    "INTAKE",
    "ActivityIntake",
    "AngiographyIntake",
    "ImageIntake",
    "Intake",
    "LesionIntake",
    "ObservedIntake",
    "StructuresIntake",
    "intake_of",
    "read_intake",
]

INTAKE = "case.toml"

ActivityName = Literal["work_up", "treatment"]
"""Activity images that a case may hold."""

Point = Annotated[tuple[float, float, float], Field(description="LPS millimetres")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageIntake(_Strict):
    """Where an image is.

    Attributes
    ----------
    path : str
        DICOM folder or file, NIfTI, NRRD or MetaImage; a relative path starts at the case folder.
    series : str
        Which DICOM series where the folder holds several: its number in the list, or its UID.
    modality : str
        ``CT``, ``MR``, ``PT`` or ``NM`` for files that do not say; left out they are taken for a CT in HU.
    """

    path: str
    series: str = ""
    modality: Literal["", "CT", "MR", "PT", "NM"] = ""


class StructuresIntake(_Strict):
    """Organs: a multi-label map, a folder of masks, single masks by name, or found from the CT where nothing is given.

    Attributes
    ----------
    masks : str
        Label map, DICOM SEG, RTSTRUCT, ``.seg.nrrd``, or a folder with one mask per organ.
    class_map : str
        What the numbers of a label map mean: a known name such as ``totalsegmentator_total``, or a file.
    files : dict of str to str
        Further single masks: anatomical name to file.
    liver_seed_lps_mm : tuple of float or None
        A point in healthy liver, to start from when the liver has to be found on the CT.
    find_missing : bool
        Look for body, lung, airways, bone and, for liver lesions, liver and vessels on the CT where they are not given.
    """

    masks: str = ""
    class_map: str = ""
    files: dict[str, str] = Field(default_factory=dict)
    liver_seed_lps_mm: Point | None = None
    find_missing: bool = True


class LesionIntake(_Strict):
    """One lesion: a mask, or a seed point and a diameter from which it is outlined on the CT.

    Attributes
    ----------
    id : str
        Name that lives through plans, exports and reports.
    organ : Organ
        Organ that holds it.
    mask : str
        Mask file; one of ``mask`` or seed and diameter is needed.
    label : int or str or None
        Number or name of the lesion where its file holds several masks.
    seed_lps_mm : tuple of float or None
        Point in the lesion. 3D Slicer and NIfTI viewers show RAS: reverse the first two signs.
    diameter_mm : float or None
        Largest diameter; with a mask it is checked against the mask.
    approved : bool
        Whether a person has looked at the outline and approved it.
    on_image : bool
        False for a lesion that the planning image does not show: it is selected for, not planned.
    site : str
        Where in the organ: a vertebra (``T10``), a bone (``femur``), a segment, a side.
    near_mm : dict of str to float
        Distance to structures at risk [mm] by name; what is not named counts as not known.
    growing : bool or None
        Whether it grows or is new.
    growth_percent : float or None
        Growth in diameter since the smallest size.
    surgical_candidate : bool or None
        Whether this lesion can be resected, where that differs from the patient as a whole.
    painful : bool or None
        Whether it hurts.
    pain : int or None
        Worst pain at the site, 0..10.
    hypervascular : bool or None
        Whether it enhances strongly in the arterial phase.
    surgery_planned : bool or None
        Whether an operation on it is planned.
    aerated_around : bool or None
        For the lung: whether aerated lung surrounds it on all sides.
    access_blocked : tuple of str or None
        What stands in the direct way in (for the adrenal gland: ``lung``, ``colon``); ``[]`` means nothing does.
    treated_before : tuple of str or None
        Earlier local treatments of this lesion; ``[]`` means none.
    bone : BoneFindings
        For bone: what CT shows.
    spine : SpineFindings
        For vertebrae: stability and canal.
    """

    id: str
    organ: Organ
    mask: str = ""
    label: int | str | None = None
    seed_lps_mm: Point | None = None
    diameter_mm: float | None = Field(default=None, ge=1, le=400)
    approved: bool = False
    on_image: bool = True
    site: str = ""
    near_mm: dict[str, float] = Field(default_factory=dict)
    growing: bool | None = None
    growth_percent: float | None = None
    surgical_candidate: bool | None = None
    painful: bool | None = None
    pain: int | None = None
    hypervascular: bool | None = None
    surgery_planned: bool | None = None
    aerated_around: bool | None = None
    access_blocked: tuple[str, ...] | None = None
    treated_before: tuple[str, ...] | None = None
    bone: BoneFindings = Field(default_factory=BoneFindings)
    spine: SpineFindings = Field(default_factory=SpineFindings)

    def findings(self) -> dict[str, Any]:
        """What is stated of the lesion beside its place and size, by field of `Lesion`."""
        placed = {"id", "organ", "mask", "label", "seed_lps_mm", "diameter_mm", "approved", "on_image"}
        return {name: getattr(self, name) for name in type(self).model_fields if name not in placed}


class AngiographyIntake(_Strict):
    """Angiograms before and after an embolization, with the regions to measure in.

    Attributes
    ----------
    before, after : str
        DICOM XA run, file or folder; a relative path starts at the case folder.
    tumour : str
        Stain on the run before: "row,column,radius" in pixels, corners "row,column row,column row,column", or a mask file.
    artery : str
        Feeding artery on the run before, upstream of what was embolized.
    tumour_after, artery_after : str
        The same on the run after; empty: those of before, shifted as the anatomy is.
    background : str
        Region without opacified vessels, which removes changes of the beam; empty: none.
    series_before, series_after : str
        Number of the series where a folder holds several.
    relationship : str
        ``LIN`` or ``LOG`` where the files do not say how their values follow from the beam.
    """

    before: str
    after: str
    tumour: str
    artery: str
    tumour_after: str = ""
    artery_after: str = ""
    background: str = ""
    series_before: str = ""
    series_after: str = ""
    relationship: Literal["", "LIN", "LOG"] = ""


class ObservedIntake(_Strict):
    """What a follow-up image shows: the zone of an ablation, or the lesion itself where the treatment left it in place.

    Attributes
    ----------
    lesion : str
        Id of the lesion that was treated.
    procedure : str
        What was done, by its short name.
    tumour : str
        Mask of the lesion on the follow-up image, after a treatment that leaves it in place (embolization, radioembolization); no
        zone is sought.
    new_lesions : int or None
        New lesions on follow-up; 0 is a statement, left out means that nobody said.
    zone : str
        Mask of the ablation zone on the follow-up image; empty: outlined on that image, for approval.
    label : int or str or None
        Number or name of the zone where its file holds several masks.
    image : str
        Name of the follow-up image under ``[images]``.
    registered : bool
        Whether the follow-up image is registered to the planning image already; else it is registered here.
    registration_error_mm : float or None
        Error of the registration; required with ``registered = true``, since the interval of the margin depends on it.
    angiography : AngiographyIntake or None
        Angiograms before and after an embolization; then no zone is sought.
    """

    lesion: str
    procedure: str = "mwa"
    tumour: str = ""
    new_lesions: int | None = Field(default=None, ge=0, le=500)
    zone: str = ""
    label: int | str | None = None
    image: str = "after"
    registered: bool = False
    registration_error_mm: float | None = Field(default=None, ge=0, le=50)
    angiography: AngiographyIntake | None = None


class ActivityIntake(_Strict):
    """An activity image of radioembolization: PET, SPECT, or a file that does not say what it holds.

    Attributes
    ----------
    path : str
        DICOM folder or file, NIfTI or NRRD; a relative path starts at the case folder.
    series : str
        Which DICOM series where the folder holds several.
    nuclide : str
        ``Tc-99m`` or ``Y-90``; needed where the file does not say, and where the scanner was told another one.
    unit : str
        ``Bq/ml`` or ``counts``; needed where the file does not say.
    reference : datetime or None
        Instant that the values hold for, with its time zone, in quotes; needed for Bq/ml where the file does not say.
    infusion : datetime or None
        Instant of the injection, with its time zone, in quotes.
    timezone : str
        Zone of the scanner's clock (``+01:00``, ``Europe/Vienna``): DICOM mostly does not say it, and without it no other instant
        can be related to the scan.
    injected_gbq : float or None
        Activity that left the catheter, at that instant.
    registered : bool
        Whether it lies on the planning image already, as images of one frame of reference do; else it is registered here.
    registration_error_mm : float or None
        Error of the registration; required with ``registered = true``.
    """

    path: str
    series: str = ""
    nuclide: str = ""
    unit: str = ""
    reference: datetime | None = None
    infusion: datetime | None = None
    timezone: str = ""
    injected_gbq: float | None = Field(default=None, gt=0, le=30)
    registered: bool = False
    registration_error_mm: float | None = Field(default=None, ge=0, le=50)


class Intake(_Strict):
    """A whole ``case.toml``.

    Attributes
    ----------
    patient : Patient
        Who is treated.
    disease : Disease
        What is known of the cancer; what is left out counts as not known, never as no.
    images : dict of str to ImageIntake
        ``planning`` is the image that plans are made on, ``after`` the follow-up. Without images a case can be selected for.
        Further phases are named after their examination: ``planning_native``, ``after_arterial``, ``after_portal``,
        ``after_pet``.
    structures : StructuresIntake
        Organs.
    lesions : list of LesionIntake
        Metastases under consideration.
    observed : list of ObservedIntake
        Treatments that were done, read from follow-up images.
    activity : dict of str to ActivityIntake
        ``work_up``: the 99mTc-MAA map before radioembolization; ``treatment``: the yttrium-90 map after it.
    radioembolization : Radioembolization
        What a plan of radioembolization needs beside the images.
    """

    patient: Patient
    disease: Disease = Field(default_factory=Disease)
    images: dict[str, ImageIntake] = Field(default_factory=dict)
    structures: StructuresIntake = Field(default_factory=StructuresIntake)
    lesions: tuple[LesionIntake, ...] = ()
    observed: tuple[ObservedIntake, ...] = ()
    activity: dict[ActivityName, ActivityIntake] = Field(default_factory=dict)
    radioembolization: Radioembolization = Field(default_factory=Radioembolization)

    @model_validator(mode="after")
    def _planning_image(self) -> Intake:
        if self.images and "planning" not in self.images:
            raise ValueError("there is no [images.planning]: the image that plans are made on")
        return self

    @model_validator(mode="after")
    def _lesions_found_somehow(self) -> Intake:
        for item in self.lesions:
            drawn = bool(item.mask) or (item.seed_lps_mm is not None and item.diameter_mm is not None)
            if self.images and item.on_image and not drawn:
                raise ValueError(
                    f"lesion {item.id} needs a mask, or seed_lps_mm and diameter_mm "
                    "(or on_image = false and diameter_mm where the planning image does not show it)"
                )
            if not (self.images and item.on_image) and (item.mask or item.seed_lps_mm is not None):
                raise ValueError(f"lesion {item.id} has a mask or a seed, but no planning image shows it")
            if not drawn and item.diameter_mm is None:
                raise ValueError(f"lesion {item.id} needs diameter_mm, its largest diameter in millimetres")
        return self


def read_intake(path: Path) -> Intake:
    """Read and check a ``case.toml``.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    CaseError
        If it is absent, not TOML, or says something that is unknown or impossible; the message names the field.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CaseError("no case.toml in this folder", where=str(path), remedy="Make one with `locoregional import`.") from None
    except UnicodeDecodeError as error:
        raise CaseError(f"case.toml is not valid TOML: {error}", where=str(path), remedy="Save it as UTF-8.") from error
    return intake_of(text, where=str(path))


def intake_of(text: str, *, where: str) -> Intake:
    """Check the text of a ``case.toml``.

    Raises
    ------
    CaseError
        If it is not TOML, or says something that is unknown or impossible; the message names the field.
    """
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"case.toml is not valid TOML: {error}", where=where, remedy="Correct the line named.") from error
    try:
        # As JSON: strictness there refuses true for 1 and "20" for 20, yet takes a list for a tuple and a word for a choice.
        return Intake.model_validate_json(json.dumps(data, default=_no_date), strict=True)
    except LocoregionalError:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(x) for x in first["loc"])
        remedy = "Correct this field; docs/case.md lists all of them."
        raise CaseError(first["msg"].removeprefix("Value error, "), where=f"{where}: {place or 'file'}", remedy=remedy) from error


def _no_date(value: object) -> str:
    """Refuse the one kind of TOML value that no field takes and JSON does not know."""
    raise CaseError(f"{value} is a date or time", where="case.toml", remedy="No field takes one; put text in quotes.")
