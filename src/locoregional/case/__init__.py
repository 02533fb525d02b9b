"""What is known of a patient and what has happened: the case and its chart."""

from locoregional.case.case import Case
from locoregional.case.chart import read_chart, write_chart
from locoregional.case.course import Entry, Needle, Option, Outcome, Plan, Quantity, RuleResult, Verdict, now
from locoregional.case.disease import Disease, Labs, Patient, PriorLine
from locoregional.case.lesion import Lesion, Organ
from locoregional.case.stored import ArrayStore, StoredVolume

__all__ = [
    "ArrayStore",
    "Case",
    "Disease",
    "Entry",
    "Labs",
    "Lesion",
    "Needle",
    "Option",
    "Organ",
    "Outcome",
    "Patient",
    "Plan",
    "PriorLine",
    "Quantity",
    "RuleResult",
    "StoredVolume",
    "Verdict",
    "now",
    "read_chart",
    "write_chart",
]
