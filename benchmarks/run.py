"""Run every ``bench_*.py`` of this folder and write one page: seconds beside a peer, on a machine measured in the same run.

Example: python benchmarks/run.py --only images --out benchmarks/results.md
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numba import get_num_threads, njit, prange

HERE = Path(__file__).resolve().parent
TRIAD_CELLS = 1 << 24
"""Cells per array: 64 or 128 MiB, far beyond any cache."""
TRIAD_REPEATS = 8
HEADS = ("case", "seconds", "reference", "ratio", "note")


@njit(parallel=True, fastmath=True)
def _triad(a, b, c, s):
    for i in prange(a.size):
        a[i] = b[i] + s * c[i]


def bandwidth_gb_s(dtype: type) -> float:
    """Memory traffic of ``a = b + s c``, best of several runs, counting the three arrays once each [GB/s]."""
    a, b, c = (np.full(TRIAD_CELLS, x, dtype) for x in (0.0, 1.0, 2.0))
    s = dtype(3.0)
    _triad(a, b, c, s)
    best = float("inf")
    for _ in range(TRIAD_REPEATS):
        start = time.perf_counter()
        _triad(a, b, c, s)
        best = min(best, time.perf_counter() - start)
    return 3 * a.nbytes / best / 1e9


def machine() -> dict[str, Any]:
    """Processor, cores in use, versions, and the memory bandwidth now."""
    try:
        model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        model = None
    return {
        "processor": " ".join(model[1].split()) if model else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": get_num_threads(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "triad_float32_gb_s": round(bandwidth_gb_s(np.float32), 1),
        "triad_float64_gb_s": round(bandwidth_gb_s(np.float64), 1),
    }


def benches(folder: Path = HERE, only: list[str] | None = None) -> dict[str, Path]:
    """Benchmark scripts by topic; an unknown topic is an error."""
    found = {p.stem.removeprefix("bench_"): p for p in sorted(folder.glob("bench_*.py"))}
    unknown = set(only or ()) - set(found)
    if unknown:
        raise SystemExit(f"no benchmark called {', '.join(sorted(unknown))}; known: {', '.join(found)}")
    return {name: path for name, path in found.items() if not only or name in only}


def run_one(name: str, path: Path) -> tuple[list[dict[str, Any]], str]:
    """Rows of one script, and what stopped it (empty if nothing did)."""
    try:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # dataclasses of the script look themselves up here
        spec.loader.exec_module(module)
        return [{"topic": name, **row} for row in module.run()], ""
    except Exception as error:  # one script that fails must not cost the others
        traceback.print_exc()
        return [], f"{type(error).__name__}: {error}"


def _cell(value: Any) -> str:
    if value is None:
        return "none"
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def page(result: dict[str, Any]) -> str:
    """Markdown of one run."""
    m = result["machine"]
    lines = [
        "# Benchmarks",
        "",
        "`python benchmarks/run.py` writes this page. Seconds are wall-clock time on the machine below. The reference is the",
        "time of a peer, or a bound named in the note, measured in the same run where there is one; a ratio above 1 means that",
        "much faster than it.",
        "",
        f"{m['processor']}, {m['cores']} cores, {m['threads']} threads; {m['system']}; Python {m['python']}, numpy {m['numpy']}.",
        f"Memory bandwidth in this run (triad): {m['triad_float32_gb_s']} GB/s in float32, {m['triad_float64_gb_s']} GB/s in",
        f"float64, and {m['triad_float64_gb_s_at_end']} GB/s in float64 at its end.",
        f"Made on {result['date'][:10]} with locoregional {result['version']}.",
    ]
    if result["failed"]:
        lines += ["", "## Did not run to their end", "", *(f"- {name}: {words}" for name, words in result["failed"].items())]
    for topic in dict.fromkeys(row["topic"] for row in result["rows"]):
        lines += ["", f"## {topic}", ""]
        made = next((row["made"] for row in result["rows"] if row["topic"] == topic and "made" in row), "")
        if made:
            lines += [f"Measured in an earlier run, {made[:16].replace('T', ' ')} UTC.", ""]
        lines += [f"| {' | '.join(HEADS)} |", "|" + "---|" * len(HEADS)]
        lines += [f"| {' | '.join(_cell(row.get(h)) for h in HEADS)} |" for row in result["rows"] if row["topic"] == topic]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run, write, and return 1 if a script failed."""
    from locoregional.case.chart import write_text_atomically
    from locoregional.version import __version__

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", help="run only this topic; may be given several times")
    parser.add_argument("--out", type=Path, default=HERE / "results.md", help="page to write; the JSON goes beside it")
    parser.add_argument(
        "--keep", action="store_true", help="keep the rows of topics that are not run, from the page as it stands"
    )
    parser.add_argument("--list", action="store_true", help="list the topics and stop")
    options = parser.parse_args(arguments)
    chosen = benches(only=options.only)
    if options.list:
        print("\n".join(chosen))
        return 0
    print("measuring the memory bandwidth", flush=True)
    result: dict[str, Any] = {
        "schema": 1,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "machine": machine(),
        "rows": [],
        "failed": {},
    }
    for i, (name, path) in enumerate(chosen.items()):
        print(f"{i + 1} of {len(chosen)}: {name}", flush=True)
        rows, failure = run_one(name, path)
        result["rows"] += rows
        if failure:
            result["failed"][name] = failure
    kept = options.out.with_suffix(".json")
    if options.keep and kept.is_file():
        former = json.loads(kept.read_text(encoding="utf-8"))
        rows = [{"made": former["date"], **row} for row in former["rows"] if row["topic"] not in chosen]
        result["rows"] = sorted([*rows, *result["rows"]], key=lambda row: row["topic"])
    result["machine"]["triad_float64_gb_s_at_end"] = round(bandwidth_gb_s(np.float64), 1)
    write_text_atomically(options.out, page(result))
    write_text_atomically(options.out.with_suffix(".json"), json.dumps(result, indent=1, default=float) + "\n")
    print(f"written: {options.out} and {options.out.with_suffix('.json').name}")
    return 1 if result["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
