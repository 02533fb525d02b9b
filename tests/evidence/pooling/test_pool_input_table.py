import pytest

from locoregional.errors import EvidenceError
from locoregional.evidence.pooling.input_table import read_study_table
from locoregional.evidence.pooling.table_pool import pool_table

COUNTS = "study,events,total\nMeloni 2009,13,52\nBai 2019,8,69\nKumler 2015,7,32\n"
MEDIANS = "study,median_months,low,high\nCIRT,10.6,7.3,14.4\nGordon,6.6,5,9.2\n"
CHANGES = "study,mean_change,sd,total\nSun,-5.2,2.0,65\nCazzato,-4.8,2.2,66\n"


def table(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "studies.csv"
    path.write_text(text, encoding=encoding)
    return read_study_table(path)


@pytest.mark.parametrize(("text", "kind", "k"), [(COUNTS, "proportions", 3), (MEDIANS, "medians", 2), (CHANGES, "changes", 2)])
def test_each_kind_is_known_by_its_columns(tmp_path, text, kind, k):
    read = table(tmp_path, text)
    assert (read.kind, len(read.names)) == (kind, k)
    pooled, without = pool_table(read)
    assert pooled.k == k
    assert without == ()
    assert pooled.method == ("glmm" if kind == "proportions" else "REML")


def test_spreadsheet_habits_are_forgiven(tmp_path):
    text = "\ufeff Study , Events,TOTAL , comment\n Meloni 2009 , 13 ,52,x\n\n,,,\nBai 2019,8.0,69,\n"
    read = table(tmp_path, text)
    assert read.names == ("Meloni 2009", "Bai 2019")
    assert any("not used: comment" in w for w in read.warnings)


def test_labels_and_levels_reach_the_pool(tmp_path):
    text = "study,events,total,unit_of_analysis,estimand,clock\nA,1,20,patient,ltp,x\nB,3,30,lesion,ltp,x\n"
    pooled, _ = pool_table(table(tmp_path, text))
    assert pooled.estimate is None
    assert "patient (A), lesion (B)" in pooled.reason
    text = "study,median_months,low,high,level,total\nA,10,8,13,0.9,\nB,12,,,,40\n"
    pooled, _ = pool_table(table(tmp_path, text))
    assert pooled.studies[1].total == 40


def test_another_scale_takes_reml(tmp_path):
    read = table(tmp_path, COUNTS)
    assert pool_table(read, transform="arcsine")[0].method == "REML"
    assert len(pool_table(read, method="DL", without_each=True)[1]) == 3
    with pytest.raises(EvidenceError, match="no transform"):
        pool_table(table(tmp_path, MEDIANS), transform="arcsine")


def test_odd_tables_are_warned_of(tmp_path):
    read = table(tmp_path, "study,events,total\nA,25,100\nB,33,100\n")
    assert any("percentages" in w for w in read.warnings)
    assert any("unit_of_analysis" in w for w in read.warnings)
    read = table(tmp_path, "study,median_months,low,high\nA,318,219,432\nB,10,8,12\n")
    assert any("twenty years in A" in w for w in read.warnings)


BAD = {
    "percentage over 100": ("study,events,total\nA,120,100\n", "row 2 (A), column events", "not percentages"),
    "percent sign": ("study,events,total\nA,25%,100\n", "column events", "not percentages"),
    "share": ("study,events,total\nA,0.25,52\n", "column events", "not a share"),
    "more events than patients": ("study,events,total\nA,3,20\nB,60,52\n", "row 3 (B)", "check the total"),
    "no patients": ("study,events,total\nA,0,0\n", "column total", "above 0"),
    "negative": ("study,events,total\nA,-1,20\n", "column events", "number of events"),
    "missing total": ("study,events,total\nA,3,\n", "column total", "leave the study out"),
    "not a number": ("study,events,total\nA,nan,20\n", "column events", "find the number"),
    "infinite": ("study,events,total\nA,3,inf\n", "column total", "find the number"),
    "word": ("study,events,total\nA,three,20\n", "column events", "Give a number"),
    "no denominator column": ("study,events\nA,3\n", "row 1", "study, events, total"),
    "no outcome": ("study,n\nA,3\n", "row 1", "Columns are"),
    "two outcomes": ("study,events,total,median_months,low,high\nA,3,20,5,4,6\n", "row 1", "Columns are"),
    "no study column": ("name,events,total\nA,3,20\n", "row 1", "study, events, total"),
    "no name": ("study,events,total\n,3,20\n", "column study", "Name it"),
    "twice": ("study,events,total\nA,3,20\nA,4,20\n", "column study", "once"),
    "semicolons": ("study;events;total\nA;3;20\n", "row 1", "commas"),
    "tabs": ("study\tevents\ttotal\nA\t3\t20\n", "row 1", "commas"),
    "decimal comma": ("study,median_months,low,high\nA,10,6,7,3,14,4\n", "row 2", "decimal commas"),
    "quoted decimal comma": ('study,median_months,low,high\nA,"10,6",7.3,14.4\n', "column median_months", "12.5, not 12,5"),
    "two columns of one name": ("study,events,events,total\nA,3,3,20\n", "row 1", "Rename"),
    "empty": ("", "studies.csv", "headings"),
    "headings only": ("study,events,total\n", "studies.csv", "Add a row"),
    "broken quotes": ('study,events,total\n"A,3,20\n', "row", "CSV"),
    "negative time": ("study,median_months,low,high\nA,-10,7,14\n", "column median_months", "above 0"),
    "low above median": ("study,median_months,low,high\nA,10,11,14\n", "column low", "units"),
    "high below median": ("study,median_months,low,high\nA,10,8,9\n", "column high", "units"),
    "not reached in words": ("study,median_months,low,high\nA,10,8,NR\n", "column high", "Leave it empty"),
    "no interval and no total": ("study,median_months,low,high\nA,10,,\n", "column low", "total"),
    "high alone": ("study,median_months,low,high,total\nA,10,,14,30\n", "column low", "both"),
    "level as percentage": ("study,median_months,low,high,level\nA,10,8,14,95\n", "column level", "0.95"),
    "no spread": ("study,mean_change,sd,total\nA,-3,0,30\n", "column sd", "above 0"),
    "one patient": ("study,mean_change,sd,total\nA,-3,1,1\n", "column total", "Leave the study out"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_tables_are_refused_with_row_column_and_remedy(tmp_path, name):
    text, where, remedy = BAD[name]
    with pytest.raises(EvidenceError) as caught:
        table(tmp_path, text)
    assert where in caught.value.where
    assert remedy in caught.value.remedy


def test_other_encodings_and_missing_files_are_refused(tmp_path):
    with pytest.raises(EvidenceError, match="cannot be read"):
        table(tmp_path, "study,events,total\nMüller,3,20\n", encoding="latin-1")
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_study_table(tmp_path / "absent.csv")
