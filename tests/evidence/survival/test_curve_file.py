import numpy as np
import pytest

from locoregional.errors import EvidenceError
from locoregional.evidence.survival.curve_file import individual_table, read_at_risk, read_curve
from locoregional.evidence.survival.guyot import IndividualTimes


def put(tmp_path, text: str):
    path = tmp_path / "curve.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_found_by_name_and_lines_kept(tmp_path):
    read = read_curve(put(tmp_path, "\ufeffnote,Survival,time_months\n\na,1,0\nb,0.5,6\n"))
    assert read.time_months.tolist() == [0, 6]
    assert read.value.tolist() == [1, 0.5]
    assert read.lines.tolist() == [3, 4]
    assert read_curve(put(tmp_path, "time_months;survival_percent\n0;100\n6,5;50,5\n")).value.tolist() == [100, 50.5]
    assert read_curve(put(tmp_path, "time_months;survival_percent\n0;100\n6,5;50,5\n")).unit == "percent"
    assert read_at_risk(put(tmp_path, "time_months\tn_risk\n0\t40\n")).value.tolist() == [40]


@pytest.mark.parametrize(
    ("unit", "months"), [("days", 12 / 30.4375), ("weeks", 84 / 30.4375), ("months", 12.0), ("years", 144.0)]
)
def test_units_of_time(tmp_path, unit, months):
    assert read_curve(put(tmp_path, f"time_{unit},survival\n0,1\n12,0.5\n")).time_months[1] == pytest.approx(months)
    assert read_curve(put(tmp_path, "time,survival\n0,1\n12,0.5\n"), time_unit=unit).time_months[1] == pytest.approx(months)


@pytest.mark.parametrize(
    ("text", "words", "where"),
    [
        ("", "no rows", "curve.csv"),
        ("time_months,survival\n", "no rows", "curve.csv"),
        ("time,survival\n0,1\n", "unit of the times is not said", "curve.csv"),
        ("month,survival\n0,1\n", "no column called time", "line 1"),
        ("time_months,survival,surv\n0,1,1\n", "more than one column", "line 1"),
        ("time_months,survival\n0,1\n6,85%\n", "'85%' is no number", "line 3"),
        ("time_months,survival\n0,1\n6\n", "a cell is empty", "line 3"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(tmp_path, text, words, where):
    with pytest.raises(EvidenceError, match=words) as error:
        read_curve(put(tmp_path, text))
    assert where in error.value.where


def test_bytes_and_clashing_units_are_refused(tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(EvidenceError, match="cannot be read as text"):
        read_curve(path)
    with pytest.raises(EvidenceError, match="said to be in days"):
        read_curve(put(tmp_path, "time_months,survival\n0,1\n6,0.5\n"), time_unit="days")


def test_individual_times_as_a_table():
    times = IndividualTimes(np.array([1.25, 3.0]), np.array([True, False]))
    assert individual_table({"a": times}) == "time_months,event,arm\n1.25,1,a\n3,0,a\n"
