"""Write the generated parts of the reference: case.md, chart.schema.json, facts.md. They come from the code, so they cannot rot.

Example: python docs/make_reference.py          writes what has changed
         python docs/make_reference.py --check  says what is out of date and exits with 1
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import json
import re
import sys
import tomllib
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from locoregional.case import (
    ActivityImage,
    Advice,
    AngiogramPair,
    BoneFindings,
    Case,
    Disease,
    Expected,
    Fitness,
    Labs,
    Lesion,
    Liver,
    Needle,
    Option,
    Outcome,
    Overrule,
    Patient,
    Plan,
    PlanarCounts,
    PriorLine,
    Prognostic,
    Quantity,
    Radioembolization,
    RuleResult,
    SpineFindings,
    StoredVolume,
    Verdict,
    Vial,
)
from locoregional.case.chart import chart_schema, write_text_atomically
from locoregional.case.intake import (
    ActivityIntake,
    AngiographyIntake,
    ImageIntake,
    Intake,
    LesionIntake,
    ObservedIntake,
    StructuresIntake,
)
from locoregional.imaging.angiography_header import Acquisition
from locoregional.measures.dose.parameter_sets import parameter_sets
from locoregional.procedures import found
from locoregional.procedures.considered import shipped_rules
from locoregional.selection.rule_table import rule_rows
from locoregional.sources import STATUSES, Sourced, bibliography, read_facts
from locoregional.validation.markdown import bibliography_lines, cited, table

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "src" / "locoregional"

UNITS = {
    "_lps_mm": "mm, LPS", "_mm": "mm", "_years": "years", "_months": "months", "_percent": "%", "_umol_l": "µmol/l",
    "_mmol_l": "mmol/l", "_giga_l": "10⁹/l", "_mg_l": "mg/l", "_g_l": "g/l", "_u_l": "U/l", "_ml_min": "ml/min",
    "_ml_s": "ml/s", "_ml": "ml", "_deg": "°", "_um": "µm", "_h": "h",
    "_mg_m2": "mg/m²", "_kg": "kg", "_cm": "cm", "_gy": "Gy", "_share": "1", "_w": "W", "_s": "s", "inr": "1",
}  # fmt: skip
"""Unit by the end of a field's name, longest first."""
OWN_UNITS = {"affine": "mm, LPS", "value": "see `unit`", "low": "see `unit`", "high": "see `unit`", "level": "1"}

INTAKE = {
    "[patient]": (Patient, "patient"),
    "[disease]": (Disease, "disease"),
    "[disease.labs]": (Labs, "disease.labs"),
    "[disease.liver]": (Liver, "disease.liver"),
    "[disease.fitness]": (Fitness, "disease.fitness"),
    "[[disease.prior_lines]]": (PriorLine, "disease.prior_lines"),
    "[images.NAME]": (ImageIntake, "images.*"),
    "[structures]": (StructuresIntake, "structures"),
    "[[lesions]]": (LesionIntake, "lesions"),
    "[lesions.bone]": (BoneFindings, "lesions.bone"),
    "[lesions.spine]": (SpineFindings, "lesions.spine"),
    "[[observed]]": (ObservedIntake, "observed"),
    "[observed.angiography]": (AngiographyIntake, "observed.angiography"),
    "[activity.NAME]": (ActivityIntake, "activity.*"),
    "[radioembolization]": (Radioembolization, "radioembolization"),
    "[radioembolization.planar]": (PlanarCounts, "radioembolization.planar"),
    "[[radioembolization.vials]]": (Vial, "radioembolization.vials"),
}
"""Headings of case.toml, the class behind each, and its place in the example."""
HEAD = {
    "schema": "Version of the layout; raised when a field changes its meaning.",
    "software": "Name and version that wrote the chart.",
    "use": "Always `research only`.",
    "intake_sha256": "Hash of the `case.toml` that the case was read from, so that a change is noticed; empty without one.",
}
CHART = (
    Patient, Disease, Labs, Liver, Fitness, PriorLine, Lesion, BoneFindings, SpineFindings, StoredVolume, ActivityImage,
    Radioembolization, PlanarCounts, Vial, Option, RuleResult,
    Expected, Prognostic, Advice, Overrule, Plan, Needle, Quantity, Outcome, AngiogramPair, Acquisition, Verdict,
)  # fmt: skip


def meanings(kind: type) -> dict[str, str]:
    """Field to meaning, from the Attributes of a numpydoc docstring, those of its base classes included."""
    told = {name: words for base in reversed(kind.__mro__[1:]) for name, words in _own_meanings(base).items()}
    return told | _own_meanings(kind)


def _own_meanings(kind: type) -> dict[str, str]:
    text = inspect.cleandoc(kind.__doc__ or "")
    _, _, attributes = text.partition("Attributes\n----------\n")
    attributes = re.split(r"\n\n\w+\n-{3,}", attributes)[0]
    told: dict[str, str] = {}
    for names, body in re.findall(r"^([\w, ]+?) : [^\n]*\n((?:    .*(?:\n|$)|\n)*)", attributes, flags=re.MULTILINE):
        told.update(dict.fromkeys(names.split(", "), " ".join(body.split()).replace("``", "`")))
    return told


def summary(kind: type) -> str:
    """First paragraph of a docstring."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].split()).replace("``", "`")


def fields_of(kind: type) -> Iterator[tuple[str, Any, str]]:
    """Name, type and default in words of each stored field; a field without a meaning in the docstring is an error."""
    hints = typing.get_type_hints(kind)
    told = meanings(kind)
    if issubclass(kind, BaseModel):
        defaults = {n: (f.is_required(), f.get_default(call_default_factory=True)) for n, f in kind.model_fields.items()}
    else:
        defaults = {f.name: _default(f) for f in dataclasses.fields(kind)}
    for name, (required, default) in defaults.items():
        if name == "store":
            continue
        if name not in told:
            raise SystemExit(f"{kind.__module__}.{kind.__qualname__}: the docstring does not say what {name!r} means")
        yield name, hints[name], "required" if required else _words_of_default(name, default)


def _default(field: dataclasses.Field) -> tuple[bool, Any]:
    if field.default_factory is not dataclasses.MISSING:
        return False, field.default_factory()
    return field.default is dataclasses.MISSING, field.default


def _words_of_default(name: str, default: Any) -> str:
    if name in ("date", "version"):
        return "now" if name == "date" else "this version"
    if default is None:
        return "left out"
    if dataclasses.is_dataclass(default) or isinstance(default, BaseModel):
        return "nothing known" if not isinstance(default, BaseModel) else "see below"
    if default in ("", (), {}):
        return "empty"
    return f"`{json.dumps(default)}`"


def kind_words(hint: Any) -> str:
    """Type in words, with links to the classes of this page."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return kind_words(inside[0])
    if origin is typing.Literal:
        return " or ".join(f"`{x}`" for x in inside)
    if origin in (typing.Union, types.UnionType):
        return " or ".join("null" if x is type(None) else kind_words(x) for x in inside)
    if origin is tuple:
        return f"list of {kind_words(inside[0])}" if inside[-1] is Ellipsis else f"{len(inside)} numbers"
    if origin is dict:
        return f"{kind_words(inside[1])} by name"
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return " or ".join(f"`{x.value}`" for x in hint)
    simple = {str: "text", bool: "true or false", int: "whole number", float: "number", datetime: "date and time (ISO 8601)"}
    if hint in simple:
        return simple[hint]
    if hint is Any:
        return "object"
    return f"[{hint.__name__}](#{hint.__name__.lower()})" if hint in CHART else hint.__name__


def unit_of(name: str) -> str:
    """Unit that a field's name carries."""
    return OWN_UNITS.get(name) or next((unit for end, unit in UNITS.items() if name.endswith(end)), "")


def example_of(data: dict[str, Any], place: str, name: str) -> str:
    """Value of a field in the example, as TOML would have it; the example must hold every field."""
    spots: list[Any] = [data]
    for step in place.split("."):
        held = [x for spot in spots for x in (spot if isinstance(spot, list) else [spot])]
        spots = [x for spot in held for x in (spot.values() if step == "*" else [spot[step]] if step in spot else [])]
    for entry in [x for spot in spots for x in (spot if isinstance(spot, list) else [spot])]:
        if name in entry:
            value = entry[name]
            if isinstance(value, dict):
                return "`{ " + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + " }`"
            return f"`{json.dumps(value, ensure_ascii=False)}`"
    raise SystemExit(f"case-example.toml does not show {place}.{name}")


def intake_part() -> str:
    """Tables of case.toml, one per heading."""
    text = (DOCS / "case-example.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    Intake.model_validate(data)
    told = meanings(Intake)
    if set(told) != set(Intake.model_fields):
        raise SystemExit("the docstring of Intake does not name all of its fields")
    lines: list[str] = []
    for heading, (kind, place) in INTAKE.items():
        rows = [
            (f"`{name}`", unit_of(name), kind_words(hint).replace("null", "left out"), default, meanings(kind)[name],
             example_of(data, place, name))
            for name, hint, default in fields_of(kind)
            if name not in ("labs", "liver", "fitness", "prior_lines", "bone", "spine", "planar", "vials", "angiography")
        ]  # fmt: skip
        words = told[place.partition(".")[0]] if "*" in place else summary(kind).replace("None means", "left out means")
        lines += [f"### {heading}", "", words, ""]
        lines += [*table(("field", "unit", "kind", "default", "meaning", "example"), rows), ""]
    return "\n".join(lines).rstrip()


def as_json(words: str) -> str:
    """Words about Python values as words about JSON."""
    return re.sub(r"\bNone\b", "null", words)


def _class_lines(kind: type, title: str) -> list[str]:
    rows = [
        (
            f"`{name}`",
            unit_of(name),
            kind_words(hint),
            "null" if default == "left out" else default,
            as_json(meanings(kind)[name]),
        )
        for name, hint, default in fields_of(kind)
    ]
    return [f"### {title}", "", as_json(summary(kind)), "", *table(("field", "unit", "kind", "default", "meaning"), rows), ""]


def settings_classes() -> dict[str, type]:
    """Settings of each procedure by its name."""
    found_settings = {}
    for name, item in found().items():
        if not item.modelled:
            continue
        found_settings[name] = item.settings_type() if hasattr(item, "settings_type") else item.energy().settings
    return found_settings


def chart_part() -> str:
    """Tables of chart.json: the head, the case, and every class in it."""
    told = meanings(Case)
    rows = [(f"`{name}`", "", text) for name, text in HEAD.items()]
    rows += [(f"`{name}`", kind_words(hint), told[name]) for name, hint, _ in fields_of(Case)]
    lines = [*table(("field", "kind", "meaning"), rows), ""]
    for kind in CHART:
        lines += _class_lines(kind, kind.__name__)
    for name, kind in settings_classes().items():
        lines += _class_lines(kind, f"Settings of {name}")
    return "\n".join(lines).rstrip()


def schema_text() -> str:
    """JSON Schema of the chart, each field with its meaning."""
    schema = chart_schema()
    classes = {kind.__name__: kind for kind in CHART}
    told = HEAD | meanings(Case)
    for name, part in schema["properties"].items():
        part["description"] = as_json(told[name]).replace("`", "")
        for title, inner in part.get("$defs", {}).items():
            if title in classes:
                inner["description"] = as_json(summary(classes[title])).replace("`", "")
                for field, text in meanings(classes[title]).items():
                    inner["properties"][field]["description"] = as_json(text).replace("`", "")
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _fact_value(fact: Sourced) -> str:
    values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
    return ", ".join(f"{v:.6g}" if isinstance(v, int | float) and not isinstance(v, bool) else str(v) for v in values)


def _fact_range(fact: Sourced) -> str:
    if fact.low is None and fact.high is None:
        return ""
    return " to ".join("open" if x is None else f"{x:.6g}" for x in (fact.low, fact.high))


def facts_text() -> str:
    """Page of all facts with their sources, and the whole bibliography."""
    files = sorted(PACKAGE.rglob("*facts.toml"))
    by_file = {}
    for path in files:
        package = ".".join(("locoregional", *path.parent.relative_to(PACKAGE).parts))
        by_file[path.relative_to(PACKAGE)] = read_facts(package, path.name)
    named = {f"{x.name}.{key}": fact for x in parameter_sets().values() for key, fact in x.values.items()}
    by_file[Path("measures/dose/parameter_sets.toml")] = named
    counts = {s: sum(f.status == s for facts in by_file.values() for f in facts.values()) for s in STATUSES}
    lines = [
        "# Facts: says who?",
        "",
        "Every physical and clinical number in the software, with its range and its source. The page is generated from the",
        "`facts.toml` files by `python docs/make_reference.py`; a test keeps it up to date. *Verified* means read in the named",
        "source, *unverified* recalled or seen second-hand (always shown, never deciding alone), *borrowed* measured in another",
        "tissue, tumour or species.",
        "",
        f"{sum(counts.values())} facts: " + ", ".join(f"{n} {status}" for status, n in counts.items()) + ".",
    ]
    for name, facts in by_file.items():
        rows = [
            (f"`{f.key}`", _fact_value(f), "" if f.unit in ("text", "list") else f.unit, _fact_range(f), f.status,
             cited(f.source), f.where, f.note)
            for f in facts.values()
        ]  # fmt: skip
        lines += ["", f"## {name.as_posix()}", ""]
        lines += table(("fact", "value", "unit", "range", "status", "source", "where in it", "note"), rows)
    return "\n".join([*lines, "", "## References", "", *bibliography_lines(sorted(bibliography()))]) + "\n"


def rules_text() -> str:
    """Page of all rules, organ by organ and side by side, and of the advice that goes with them."""
    sets = shipped_rules()
    organs = dict.fromkeys(organ for rules in sets.values() for organ in sorted(rules.organs))
    total = sum(len(rules.rules) for rules in sets.values())
    lines = [
        "# Rules: which procedure for which lesion",
        "",
        "Every rule that selection reads, side by side, each with its source. The page is generated from the rules files by",
        "`python docs/make_reference.py`; a test keeps it up to date. `locoregional rules` prints the same.",
        "",
        f"{total} rules of {len(sets)} procedures and combinations. **R** required (unmet: not indicated), **F** favourable",
        "(unmet: only possible), **X** excluding (met: contraindicated), **C** caution and **P** preference (shown, decide",
        "nothing). \\* borrowed from",
        "another procedure or tumour; in (brackets) unverified: it never excludes. Ids such as I08 are rows of the",
        "[evidence tables](evidence.md); those after a slash speak against the rule.",
    ]
    for organ in ("liver", "lung", "adrenal", "bone", "soft_tissue"):
        if organ not in organs:
            continue
        mine = {name: rules for name, rules in sets.items() if organ in rules.organs}
        rows = [
            (row.words, *(row.marks.get(name, "").replace("*", "\\*") for name in mine), cited(row.source), row.where,
             " ".join(row.evidence) + (f" / {' '.join(row.contrary)}" if row.contrary else ""))
            for row in rule_rows(mine, organ)
        ]  # fmt: skip
        lines += ["", f"## {organ.replace('_', ' ').capitalize()}", ""]
        lines += table(("rule", *(name.replace("_", " ") for name in mine), "source", "where in it", "evidence"), rows)
    lines += ["", "## What to prepare, to know and to heed", ""]
    advice: dict[tuple[str, str, str, str], list[str]] = {}
    for name, rules in sets.items():
        for item in rules.advice:
            advice.setdefault((item.kind, item.words, item.fact.source, item.fact.where), []).append(name)
    order = ("preparation", "access", "for", "against")
    rows = [
        (kind, words, ", ".join(names).replace("_", " "), cited(source), where)
        for (kind, words, source, where), names in sorted(advice.items(), key=lambda x: order.index(x[0][0]))
    ]
    lines += table(("kind", "advice", "procedures", "source", "where in it"), rows)
    used = {entry.fact.source for rules in sets.values() for entry in (*rules.rules, *rules.advice)}
    return "\n".join([*lines, "", "## References", "", *bibliography_lines(sorted(used))]) + "\n"


def with_parts(path: Path, parts: dict[str, str]) -> str:
    """Text of a page with the parts between its markers renewed."""
    text = path.read_text(encoding="utf-8")
    for name, part in parts.items():
        pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
        text, times = re.subn(pattern, lambda m, new=part: f"{m[1]}\n{new}\n\n{m[2]}", text, flags=re.DOTALL)
        if times != 1:
            raise SystemExit(f"{path.name} has {times} places for {name!r}, it needs one")
    return text


def pages() -> dict[Path, str]:
    """Every generated page as it should stand."""
    example = (DOCS / "case-example.toml").read_text(encoding="utf-8")
    parts = {"example": f"```toml\n{example}```", "intake": intake_part(), "chart": chart_part()}
    return {
        DOCS / "case.md": with_parts(DOCS / "case.md", parts),
        DOCS / "chart.schema.json": schema_text(),
        DOCS / "facts.md": facts_text(),
        DOCS / "rules.md": rules_text(),
    }


def main(arguments: list[str]) -> int:
    """Write what has changed, or with ``--check`` only say so."""
    stale = [p for p, text in pages().items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        print("\n".join(f"out of date: {p.name}" for p in stale) or "up to date")
        return 1 if stale else 0
    for path, text in pages().items():
        if path in stale:
            write_text_atomically(path, text)
            print(f"written: {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
