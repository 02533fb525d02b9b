"""Embolization of liver metastases, bland, with chemotherapy in oil or with drug-eluting beads: whom it is for."""

from __future__ import annotations

from locoregional.procedures.base import Selected
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (
    Selected("tae", "TAE (bland embolization)", "arterial", read_rules(__package__, "tae"), curative=False),
    Selected("ctace", "cTACE (Lipiodol)", "arterial", read_rules(__package__, "ctace"), curative=False),
    Selected("deb_tace", "DEB-TACE (drug-eluting beads)", "arterial", read_rules(__package__, "deb_tace"), curative=False),
)
"""Palliative: the series treated liver-dominant disease beyond resection, mostly beyond systemic treatment; none claims cure."""
