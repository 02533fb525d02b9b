"""A user's own evidence folder with one more study."""

from pathlib import Path

STUDY = (
    "id,bib,citation,year,design,population,breast,organ,procedures,n_patients_primary,abstract_seen,"
    "reference_matches_text,in_review\n"
)
OUTCOME = (
    "id,study,organ,procedure,estimand,printed,value,unit,n,total,unit_of_analysis,estimator,directness,locator,primary_value,"
    "primary_n,primary_total,primary_words,verdict,source_of_primary,poolable,in_review\n"
)


def own_folder(folder: Path, *, events: int = 30, total: int = 60) -> Path:
    """A user's folder with one more radiofrequency series of the liver."""
    (folder / "references.csv").write_text(
        "id,author,title,journal,year\nmiller2025,Miller A,Liver ablation,J Test,2025\n", encoding="utf-8"
    )
    (folder / "studies.csv").write_text(
        STUDY + f"Miller2025,miller2025,Miller A. J Test 2025,2025,retrospective series,BCLM,yes,liver,rfa,{total},yes,-,no\n",
        encoding="utf-8",
    )
    percent = round(100 * events / total, 1)
    (folder / "outcomes.csv").write_text(
        OUTCOME
        + f"Miller2025-O01,Miller2025,liver,rfa,ltp,{percent} %,{percent},%,{events},{total},patient,crude,breast,abstract,"
        + f"{percent},{events},{total},{percent} % of patients,agrees,miller2025,yes,no\n",
        encoding="utf-8",
    )
    return folder
