"""Embolization of liver metastases, bland, with chemotherapy in oil or with drug-eluting beads."""

from __future__ import annotations

from locoregional.procedures.tace.procedure import Embolization
from locoregional.selection.rule_file import read_rules

__all__ = ["PROCEDURES"]

PROCEDURES = (
    Embolization("tae", "TAE (bland embolization)", read_rules(__package__, "tae"), "bland"),
    Embolization("ctace", "cTACE (Lipiodol)", read_rules(__package__, "ctace"), "oil", ("gemcitabine",)),
    Embolization("deb_tace", "DEB-TACE (drug-eluting beads)", read_rules(__package__, "deb_tace"), "beads", ("doxorubicin",)),
)
"""Palliative: the series treated liver-dominant disease beyond resection, mostly beyond systemic treatment; none claims cure."""
