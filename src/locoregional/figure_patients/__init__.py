"""The four figure patients of the review, as descriptions; what the review does not give was made up and is named so."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from locoregional.errors import CaseError

if TYPE_CHECKING:
    from locoregional.case import Case

__all__ = ["FIGURE_PATIENTS", "figure_description", "figure_patient"]

FIGURE_PATIENTS = ("figure-1", "figure-2", "figure-3", "figure-4")


def figure_description(name: str) -> str:
    """Text of the ``case.toml`` of a figure patient.

    Raises
    ------
    CaseError
        If there is none of that name.
    """
    if name not in FIGURE_PATIENTS:
        raise CaseError(f"no figure patient {name!r}", where="figure patients", remedy=f"Known: {', '.join(FIGURE_PATIENTS)}.")
    return resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def figure_patient(name: str) -> Case:
    """Case of a figure patient, without images.

    Raises
    ------
    CaseError
        If there is none of that name.
    """
    from locoregional.case.build import described_case
    from locoregional.case.intake import intake_of

    return described_case(intake_of(figure_description(name), where=name))
