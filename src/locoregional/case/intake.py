"""``case.toml``: what a person writes to describe a case, checked word by word."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from locoregional.case.disease import Disease, Patient
from locoregional.case.lesion import Organ
from locoregional.errors import CaseError, LocoregionalError

__all__ = ["INTAKE", "ImageIntake", "Intake", "LesionIntake", "ObservedIntake", "StructuresIntake", "read_intake"]

INTAKE = "case.toml"

Point = Annotated[tuple[float, float, float], Field(description="LPS millimetres")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ImageIntake(_Strict):
    """Where an image is: a DICOM folder or file, NIfTI or NRRD; ``series`` picks one of several DICOM series."""

    path: str
    series: str = ""


class StructuresIntake(_Strict):
    """Organs: a multi-label map, a folder of masks, single masks by name, or found from the CT where nothing is given."""

    masks: str = ""
    class_map: str = ""
    files: dict[str, str] = Field(default_factory=dict)
    liver_seed_lps_mm: Point | None = None
    find_missing: bool = True


class LesionIntake(_Strict):
    """One lesion: a mask, or a seed point and a diameter from which it is outlined on the CT."""

    id: str
    organ: Organ
    mask: str = ""
    label: int | str | None = None
    seed_lps_mm: Point | None = None
    diameter_mm: float | None = Field(default=None, ge=1, le=400)
    approved: bool = False

    @model_validator(mode="after")
    def _found_somehow(self) -> LesionIntake:
        if not self.mask and (self.seed_lps_mm is None or self.diameter_mm is None):
            raise ValueError(f"lesion {self.id} needs a mask, or seed_lps_mm and diameter_mm")
        return self


class ObservedIntake(_Strict):
    """An ablation zone seen on follow-up: its mask, and how well that image lies on the planning image."""

    lesion: str
    zone: str = ""
    label: int | str | None = None
    image: str = "after"
    registered: bool = False
    registration_error_mm: float | None = Field(default=None, ge=0, le=50)


class Intake(_Strict):
    """A whole ``case.toml``."""

    patient: Patient
    disease: Disease = Field(default_factory=Disease)
    images: dict[str, ImageIntake]
    structures: StructuresIntake = Field(default_factory=StructuresIntake)
    lesions: tuple[LesionIntake, ...] = ()
    observed: tuple[ObservedIntake, ...] = ()

    @model_validator(mode="after")
    def _planning_image(self) -> Intake:
        if "planning" not in self.images:
            raise ValueError("there is no [images.planning]: the image that plans are made on")
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
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CaseError("no case.toml in this folder", where=str(path), remedy="Make one with `locoregional import`.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(f"case.toml is not valid TOML: {error}", where=str(path), remedy="Correct the line named.") from error
    try:
        return Intake.model_validate(data)
    except LocoregionalError:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(x) for x in first["loc"])
        remedy = "Correct this field; docs/case.md lists all of them."
        raise CaseError(first["msg"].removeprefix("Value error, "), where=f"{path}: {place or 'file'}", remedy=remedy) from error
