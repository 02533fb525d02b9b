"""What keeps the house in order: sizes, names, docstrings, units, sources, imports."""

import ast
import importlib
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from locoregional.evidence.base import evidence_base
from locoregional.procedures.considered import shipped_rules
from locoregional.sources import bibliography, read_facts

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "locoregional"
FILES = sorted(p for p in SOURCE.rglob("*.py") if "__pycache__" not in p.parts)
IDS = [str(p.relative_to(SOURCE)) for p in FILES]

UNIT_SUFFIXES = """
    _mm _cm _m _mm2 _mm3 _m3 _ml _g _kg _kg_m3 _s _min _h _d _months _years _hz _mhz _ghz _w _kw _j _kj _j_mol _k _c _deg _rad
    _gy _bq _mbq _gbq _percent _hu _pa _mpa _v _a _ohm _db _db_m _1_s _per_s _1_k _w_m3 _w_m2 _w_m2k _w_mk _w_mk2 _j_m3 _j_m3k
    _j_kg _j_kgk _w_m3k _s_m _f_m _umol_l _g_l _giga_l _mm_s _m_s _ml_min _lps_mm _index _share _px _mib _ml_100g_min _ml_kg_min
    _mg _mg_ml
    _1_m _rad_s _per_w _w_m3_per_w _mg_l _u_l _mmol_l _mg_m2 _mg_d
    _gy_kg_gbq _mev _um _mmhg _ml_s _m2 _1_gy _mgy_mbq_s _bq_ml _g_ml _bq_s
""".split()
DIMENSIONLESS = set(
    """value low high level done start stop outside tolerance seed share alpha beta weight factor ratio fraction probability
    threshold x y z t q p r sigma quality score opacity exponent inr slope intercept relative_sd shrinkage shrink squash_z
    stasis fill limit permittivity permittivity_factor conductivity_factor permittivity_scale conductivity_scale reflected
    radiated absorbed transmission coarseness reference largest edge chance estimate ci_low ci_high tau2 tau2_low tau2_high q_p
    prediction_low prediction_high other_prediction_low other_prediction_high scale_estimate scale_se se h2 statistic
    log_likelihood moderators moderators_p spread known dose_voxels permittivity_2450
    positron_fraction selected_positron_fraction dice volume_ratio
    magnification contrast_ratio noise_ratio injected_ratio counts unevenness
    tumour_factor recall precision particles given""".split()
)
WORD = re.compile(r"(utils|helpers|common|misc)")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _is_command(node: ast.FunctionDef) -> bool:
    """Whether click calls the function, by keyword, from the command line."""
    return any("click" in ast.unparse(d) for d in node.decorator_list)


def _compiled(node: ast.FunctionDef) -> bool:
    """Whether Numba compiles the function, which then has no keyword-only arguments and no useful annotations."""
    return any("jit" in ast.unparse(d) for d in node.decorator_list)


def _public(tree: ast.Module):
    """Public functions of a module and public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                    yield f"{node.name}.{item.name}", item


def test_files_are_small():
    sizes = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in FILES}
    assert {name: n for name, n in sizes.items() if n > 500} == {}
    assert statistics.median(_code_lines(p) for p in FILES) < 100, "half of the files should fit on two screens"


def _code_lines(path: Path) -> int:
    """Lines that hold code: docstrings, comments and blank lines do not count, or explaining would be punished."""
    tree = _tree(path)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    words = {
        line
        for node in ast.walk(tree)
        if isinstance(node, documented)
        for item in node.body
        if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) and isinstance(item.value.value, str)
        for line in range(item.lineno, (item.end_lineno or item.lineno) + 1)
    }
    lines = path.read_text(encoding="utf-8").splitlines()
    return sum(bool(t.strip()) and not t.strip().startswith("#") and n not in words for n, t in enumerate(lines, start=1))


def test_no_drawers():
    assert [str(p) for p in FILES if WORD.search(p.stem)] == []


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_public_functions_say_what_they_do(path):
    bare = []
    for name, node in _public(_tree(path)):
        if _compiled(node):  # kernels take bare arrays and say what they do in their docstring
            assert ast.get_docstring(node), f"{name}: no docstring"
            continue
        if ast.get_docstring(node) is None:
            bare.append(f"{name}: no docstring")
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        bare += [f"{name}: {a.arg} has no annotation" for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
        if node.returns is None:
            bare.append(f"{name}: no return annotation")
    assert bare == []


def _has_unit(name: str) -> bool:
    return name in DIMENSIONLESS or any(name.endswith(s) for s in UNIT_SUFFIXES) or any(name == s[1:] for s in UNIT_SUFFIXES)


def _is_float(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) in ("float", "float | None")


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_physical_arguments_are_keyword_only_and_carry_units(path):
    wrong = []
    for name, node in _public(_tree(path)):
        if _compiled(node) or _is_command(node):
            continue
        positional = [a for a in node.args.args if a.arg not in ("self", "cls")]
        floats = [a for a in positional if _is_float(a.annotation)]
        if len(positional) > 1 and any(a.arg not in DIMENSIONLESS for a in floats):
            wrong.append(f"{name}: {[a.arg for a in floats]} should be keyword-only")
        for a in [*positional, *node.args.kwonlyargs]:
            if _is_float(a.annotation) and not _has_unit(a.arg):
                wrong.append(f"{name}: {a.arg} is a float without a unit in its name")
    for node in _tree(path).body:
        if (
            isinstance(node, ast.ClassDef)
            and not node.name.startswith("_")
            and any("dataclass" in ast.unparse(d) for d in node.decorator_list)
        ):
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and _is_float(item.annotation) and not _has_unit(item.target.id):
                    wrong.append(f"{node.name}.{item.target.id} is a float without a unit in its name")
    assert wrong == []


def _constants_classes_functions(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_public_list_is_complete_and_sorted(path):
    tree = _tree(path)
    listed = [
        ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "__all__"
    ]
    defined = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")}
    if path.name == "__main__.py" or (not listed and not defined):
        return
    assert listed, "a module with public names lists them in __all__"
    assert list(listed[0]) == sorted(listed[0], key=_constants_classes_functions)
    assert defined <= set(listed[0])


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*facts.toml")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_facts_resolve(path):
    package = ".".join(("locoregional", *path.parent.relative_to(SOURCE).parts))
    facts = read_facts(package, path.name)
    assert len(facts) > 0
    for fact in facts.values():
        assert fact.where.strip(), f"{fact.key} does not say where in its source it stands"


def test_rules_resolve():
    sets = shipped_rules()
    assert len(sets) > 10
    for name, rules in sets.items():
        assert rules.rules, f"{name} has no rules"
        for entry in (*rules.rules, *rules.advice):
            assert entry.fact.where.strip(), f"{entry.fact.key} does not say where in its source it stands"
            for row in (*entry.evidence, *getattr(entry, "contrary", ())):
                assert row in evidence_base(), f"{entry.fact.key} cites the evidence row {row}, which does not exist"


def test_every_reference_is_used():
    text = "\n".join(p.read_text(encoding="utf-8") for pattern in ("*.py", "*.toml", "*.csv") for p in SOURCE.rglob(pattern))
    assert [key for key in bibliography() if key not in text] == []


def test_every_procedure_keeps_apart():
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    folders = [p.name for p in (SOURCE / "procedures").iterdir() if (p / "__init__.py").is_file()]
    assert folders
    for name in folders:
        assert f"locoregional.procedures.{name}" in contracts, f"{name} is missing in the contract that keeps procedures apart"


def test_verbs_and_folders_never_share_a_name():
    verbs = {"load", "save", "select", "plan", "simulate", "verify", "follow", "report"}
    packages = {p.name for p in SOURCE.iterdir() if p.is_dir()} | {p.stem for p in SOURCE.glob("*.py")}
    assert verbs & packages <= {"report"}, "a module would hide the verb of the same name"


def test_help_is_quick_and_light():
    def once() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "locoregional", "--help"], check=True, capture_output=True)
        return time.perf_counter() - start

    assert min(once() for _ in range(3)) < 0.5
    code = "import sys, locoregional.cli as c; c.commands.main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    for heavy in ("numpy", "scipy", "numba", "SimpleITK", "pydicom", "highdicom", "matplotlib", "skimage", "pydantic", "rich"):
        assert f"'{heavy}'" not in loaded, f"{heavy} is imported before it is needed"


def test_every_command_has_help_with_an_example():
    from locoregional.cli import commands

    for name in commands.list_commands(None):
        command = commands.get_command(None, name)
        assert command.help, f"{name} has no help"
        assert "Example" in (command.epilog or ""), f"{name} --help shows no example"


def test_importing_has_no_side_effects(tmp_path):
    code = "import os; before = set(os.environ); import locoregional; assert set(os.environ) == before"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_module_imports():
    for path in FILES:
        if path.name != "__main__.py":
            parts = path.relative_to(SOURCE.parent).with_suffix("").parts
            importlib.import_module(".".join(p for p in parts if p != "__init__"))


def test_project_speaks_of_itself_alone():
    ours = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".bib", ".html", ".css", ".js", ".txt"}]
    hidden = ("build", "dist", "demo")
    ours = [p for p in ours if not any(part.startswith(".") or part in hidden for part in p.relative_to(ROOT).parts)]
    pattern = re.compile("|".join(["/" + folder + "/" for folder in ("work", "root")] + ["pypi" + r"\.org", "python" + "hosted"]))
    said = [
        str(p.relative_to(ROOT)) for p in ours if p.is_file() and pattern.search(p.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert said == []
