"""The runner of the benchmarks, on scripts that take no time."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """Runner whose folder holds one script that works and one that breaks."""
    spec = importlib.util.spec_from_file_location("benchmarks_run", ROOT / "benchmarks" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    row = {"topic": "good", "case": "a | b", "seconds": 0.5, "reference": None, "ratio": 12.3456, "note": "n"}
    (tmp_path / "bench_good.py").write_text(f"def run():\n    return [{row!r}]\n")
    (tmp_path / "bench_broken.py").write_text("def run():\n    raise RuntimeError('out of luck')\n")
    found = module.benches
    monkeypatch.setattr(module, "benches", lambda only=None: found(tmp_path, only))
    monkeypatch.setattr(module, "bandwidth_gb_s", lambda dtype: 10.0)
    return module


def test_a_broken_script_costs_no_other_and_is_said(runner, tmp_path):
    assert runner.main(["--out", str(tmp_path / "r.md")]) == 1
    text = (tmp_path / "r.md").read_text()
    assert "- broken: RuntimeError: out of luck" in text
    assert "| a \\| b | 0.5 | none | 12.35 | n |" in text
    assert "10.0 GB/s in float32" in text
    data = json.loads((tmp_path / "r.json").read_text())
    assert data["rows"][0]["ratio"] == 12.3456
    assert data["machine"]["cores"] >= 1


def test_only_runs_what_it_names(runner, tmp_path):
    assert runner.main(["--only", "good", "--out", str(tmp_path / "r.md")]) == 0
    with pytest.raises(SystemExit, match="no benchmark called speed; known: broken, good"):
        runner.main(["--only", "speed"])


def test_every_script_has_a_run_function():
    scripts = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    assert scripts
    assert [p.name for p in scripts if "def run(" not in p.read_text(encoding="utf-8")] == []
