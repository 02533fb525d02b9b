"""The documentation says what the code does: generated pages, links, commands, names."""

import importlib.util
import json
import re
import shlex
import sys
import tomllib
from pathlib import Path

import click
import pytest

from locoregional.case.intake import Intake
from locoregional.cli import commands

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")])
IDS = [str(p.relative_to(ROOT)) for p in PAGES]


@pytest.fixture(scope="module")
def reference():
    """Script that writes the generated pages."""
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_reference"] = module
    spec.loader.exec_module(module)
    return module


def outside_code(text: str) -> str:
    """Page without code blocks and inline code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


def anchors(text: str) -> set[str]:
    """Places of a page that a link may name: headings as they are rendered, and explicit ids."""
    headings = re.findall(r"^#+ +(.+?) *$", text, flags=re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)"', text))


def test_generated_pages_are_up_to_date(reference):
    stale = [path.name for path, text in reference.pages().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: python docs/make_reference.py"


def test_example_case_is_valid_and_minimal_one_too():
    Intake.model_validate(tomllib.loads((DOCS / "case-example.toml").read_text(encoding="utf-8")))
    blocks = re.findall(r"^```toml\n(.*?)^```", (DOCS / "case.md").read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    for block in blocks:
        Intake.model_validate(tomllib.loads(block))


def test_every_field_of_the_chart_is_explained():
    schema = json.loads((DOCS / "chart.schema.json").read_text(encoding="utf-8"))
    page = (DOCS / "case.md").read_text(encoding="utf-8")
    for name, part in schema["properties"].items():
        assert f"| `{name}` |" in page
        assert part["description"]
        for title, inner in part.get("$defs", {}).items():
            for field, told in inner.get("properties", {}).items():
                assert told.get("description"), f"{title}.{field}"
                assert f"| `{field}` |" in page, f"{title}.{field}"


def test_a_written_chart_has_the_fields_of_the_schema(tmp_path):
    from locoregional.case import Case, Lesion, Option, Organ, Patient, write_chart

    option = Option("L1", "mwa", "possible", "Possible.", ())
    case = Case(Patient("p"), lesions=(Lesion("L1", Organ.LIVER, 12.0, (0.0, 0.0, 0.0)),), course=(option,))
    write_chart(case, tmp_path)
    chart = json.loads((tmp_path / "chart.json").read_text(encoding="utf-8"))
    schema = json.loads((DOCS / "chart.schema.json").read_text(encoding="utf-8"))
    assert set(chart) == set(schema["properties"])
    assert set(schema["required"]) <= set(chart)
    assert set(chart["lesions"][0]) == set(schema["properties"]["lesions"]["$defs"]["Lesion"]["properties"])
    assert set(chart["course"][0]) == set(schema["properties"]["course"]["$defs"]["Option"]["properties"])


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_resolve(page):
    text = page.read_text(encoding="utf-8")
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", outside_code(text)) + re.findall(r'(?:src|href)="([^"]+)"', text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name) if name else page
        linked = anchor if file.suffix == ".md" else ""
        if not file.exists() or (linked and linked not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def shown_commands(text: str) -> list[str]:
    """Lines of code blocks, and inline code, that call the program."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines = [re.sub(r"^\s*(?:\$ )?(?:\.venv/bin/)?", "", line) for line in lines]
    inline = re.findall(r"`(locoregional [^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return [line for line in [*lines, *inline] if line.startswith("locoregional ")]


def unknown_in(line: str) -> list[str]:
    """Words of a command line that the program would not know."""
    words = shlex.split(line, comments=True)[1:]
    if not words or words[0].startswith("-"):
        group = {o for p in commands.params for o in p.opts} | {"--help", "-h"}
        return [w for w in words if w not in group]
    command = commands.get_command(click.Context(commands), words[0])
    while isinstance(command, click.Group) and len(words) > 1 and not words[1].startswith("-"):
        words = words[1:]
        command = command.get_command(click.Context(command), words[0])
    if command is None:
        return words[:1]
    known = {o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("-")} | {"--help", "-h"}
    return [w for w in words[1:] if re.match(r"--?[a-zA-Z]", w) and w.partition("=")[0] not in known]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_commands_exist(page):
    wrong = {line: unknown_in(line) for line in shown_commands(page.read_text(encoding="utf-8"))}
    assert {line: words for line, words in wrong.items() if words} == {}


def test_unknown_commands_and_options_would_be_found():
    text = "Use `locoregional frobnicate`.\n\n```sh\n$ locoregional run case --fast # now\nlocoregional run case -q\n```\n"
    assert [unknown_in(line) for line in shown_commands(text)] == [["--fast"], [], ["frobnicate"]]
    lines = ("evidence pool --input f.csv", "evidence pool --inputs f.csv", "evidence melt")
    text = "".join(f"```sh\nlocoregional {line}\n```\n" for line in lines)
    assert [unknown_in(line) for line in shown_commands(text)] == [[], ["--inputs"], ["melt"]]


def test_names_of_the_nomenclature_stand_where_it_says():
    text = (DOCS / "nomenclature.md").read_text(encoding="utf-8")
    lost, seen = [], 0
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) != 5 or not cells[1].startswith("`"):
            continue
        path = ROOT / "src" / "locoregional" / cells[4].strip(" |")
        code = path.read_text(encoding="utf-8") if path.is_file() else ""
        names = re.findall(r"`(\w+)`", cells[1])
        seen += len(names)
        lost += [f"{name} in {cells[4]}" for name in names if not re.search(rf"\b{name}\b", code)]
    assert seen > 50
    assert lost == []
