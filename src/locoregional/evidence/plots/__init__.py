"""Pictures a journal would print: forest, funnel, survival and flow, as SVG or PNG."""

from __future__ import annotations

from locoregional.evidence.plots.forest import draw_forest
from locoregional.evidence.plots.forest_row import ForestRow, forest_rows
from locoregional.evidence.plots.funnel import draw_funnel
from locoregional.evidence.plots.survival import draw_survival

__all__ = ["ForestRow", "draw_forest", "draw_funnel", "draw_survival", "forest_rows"]
