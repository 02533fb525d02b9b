"""Comparison with truth from outside, one module per topic, found by name.

Each module of this folder has ``rows(progress) -> Iterator[Row]``.
"""

from locoregional.validation.row import Row

__all__ = ["Row"]
