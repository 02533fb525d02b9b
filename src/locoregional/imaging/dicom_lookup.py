"""Where an element stands: in the groups of a frame, in those all frames share, or at the root of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from locoregional.errors import DicomError
from locoregional.imaging.dicom_file import items, shown, tag_name, value_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["Lookup"]


class Lookup:
    """Values of one plane of a file, classic or multi-frame.

    Legacy converted objects keep what no functional group has a place for in sequences of unassigned attributes; these are
    searched like any other group.

    Parameters
    ----------
    dataset : pydicom.Dataset
        Header (pixels not needed).
    number : int
        Index of the frame, from 0.
    where : str
        File, for messages.
    """

    def __init__(self, dataset: Dataset, number: int = 0, *, where: str) -> None:
        self.dataset, self.where = dataset, where
        single = items(dataset, "PerFrameFunctionalGroupsSequence", where=where)
        self._groups = [*single[number : number + 1], *items(dataset, "SharedFunctionalGroupsSequence", where=where)[:1]]

    def _holders(self) -> Iterator[Dataset]:
        from pydicom.sequence import Sequence as Items

        for group in self._groups:
            yield group  # a sequence that is a functional group itself, such as a real-world value mapping
            for element in group:
                if isinstance(element.value, Items) and element.value:
                    yield element.value[0]
        yield self.dataset

    def value(self, keyword: str) -> Any:
        """Value of an element, of the frame first and of the root last; None where it stands nowhere."""
        for holder in self._holders():
            found = value_of(holder, keyword, where=self.where)
            if found is not None:
                return found
        return None

    def text(self, keyword: str) -> str:
        """Text of an element, several values joined by a backslash; empty where missing."""
        found = self.value(keyword)
        if found is None:
            return ""
        many = not isinstance(found, str) and hasattr(found, "append")
        return "\\".join(str(part).strip() for part in found) if many else str(found).strip()

    def number(self, keyword: str) -> float | None:
        """Finite number of an element; None where it is missing.

        Raises
        ------
        DicomError
            If it is no finite number.
        """
        found = self.value(keyword)
        if found is None:
            return None
        try:
            number = float(found)
        except (TypeError, ValueError):
            number = np.nan
        if not np.isfinite(number):
            raise DicomError(f"{tag_name(keyword)} should be a number but is {shown(found)}", where=self.where)
        return number

    def item(self, keyword: str) -> Lookup | None:
        """First item of a sequence, wherever it stands."""
        for holder in self._holders():
            found = items(holder, keyword, where=self.where)
            if found:
                return Lookup(found[0], where=self.where)
        return None

    def private(self, group: int, creator: str, element: int) -> str:
        """Text of a private element; empty where missing. Read as text too where its type was lost on the way."""
        try:
            value = self.dataset.private_block(group, creator)[element].value
        except KeyError:
            return ""
        return (value.decode("ascii", "ignore") if isinstance(value, bytes) else str(value)).strip(" \0")
