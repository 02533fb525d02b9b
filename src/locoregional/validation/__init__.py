"""Comparison with truth from outside, one module per topic, found by name.

Each module of this folder that has ``rows(progress) -> Iterator[Row]`` is a topic; ``run`` runs them, ``markdown`` writes the
page.
A comparison that needs files which are not here yields ``not_run(...)`` and says what it needs.
"""

from locoregional.validation.row import Row, not_run

__all__ = ["Row", "not_run"]
