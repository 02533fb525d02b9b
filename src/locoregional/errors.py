"""The one error tree.

::

    LocoregionalError
    ├── CaseError (ValueError)            a case, lesion or chart that contradicts itself
    ├── ImagingError (ValueError)         a file or image that cannot be read right
    │   ├── GeometryError                 grids, frames of reference, orientations that do not match
    │   ├── MaskError                     empty, inverted or impossible masks
    │   └── DicomError                    odd, truncated or unsupported DICOM
    ├── UnitsError (ValueError)           a unit that is unknown or does not fit
    ├── SourceError (KeyError)            a fact without a source, or a source that does not exist
    ├── PlanningError (ValueError)        a plan that cannot be made from what is given
    ├── SolverError (ArithmeticError)     a simulation that did not converge or conserve
    ├── EvidenceError (ValueError)        evidence that cannot be used as asked
    ├── NotModelled (NotImplementedError) a thing this software does not model, with the reason
    └── MissingDependency (ImportError)   an optional program that is not installed
"""

from __future__ import annotations

__all__ = [
    "CaseError",
    "DicomError",
    "EvidenceError",
    "GeometryError",
    "ImagingError",
    "LocoregionalError",
    "MaskError",
    "MissingDependency",
    "NotModelled",
    "PlanningError",
    "SolverError",
    "SourceError",
    "UnitsError",
]


class LocoregionalError(Exception):
    """Root of every error this package raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, in the user's words.
    where : str, optional
        The file, tag, lesion or argument that is wrong.
    remedy : str, optional
        What to do about it, as an imperative sentence.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        """One readable message: what, where, remedy."""
        place = f" [{self.where}]" if self.where else ""
        cure = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{place}{cure}"


class CaseError(LocoregionalError, ValueError):
    """A case, lesion or chart that contradicts itself."""


class ImagingError(LocoregionalError, ValueError):
    """A file or image that cannot be read right."""


class GeometryError(ImagingError):
    """Grids, frames of reference or orientations that do not match."""


class MaskError(ImagingError):
    """An empty, inverted or otherwise impossible mask."""


class DicomError(ImagingError):
    """Odd, truncated or unsupported DICOM."""


class UnitsError(LocoregionalError, ValueError):
    """A unit that is unknown or does not fit."""


class SourceError(LocoregionalError, KeyError):
    """A fact without a source, or a source that does not exist."""


class PlanningError(LocoregionalError, ValueError):
    """A plan that cannot be made from what is given."""


class SolverError(LocoregionalError, ArithmeticError):
    """A simulation that did not converge or did not conserve energy."""


class EvidenceError(LocoregionalError, ValueError):
    """Evidence that cannot be used as asked."""


class NotModelled(LocoregionalError, NotImplementedError):
    """A thing this software does not model, with the reason."""


class MissingDependency(LocoregionalError, ImportError):
    """An optional program or library that is not installed."""
