"""``locoregional score``: clinical scores with their tables and sources."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command(
    "score",
    epilog="Example: locoregional score sins location=T10 pain=mechanical bone_lesion=lytic. The table: locoregional score sins",
)
@click.argument("name", required=False, default="")
@click.argument("answers", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--list", "only_list", is_flag=True, help="List the scores and stop; so does no name.")
@click.option("--json", "json_", is_flag=True, help="Print the result as JSON; without keys, with nothing known.")
def command(name: str, answers: tuple[str, ...], only_list: bool, json_: bool) -> None:
    """Compute a clinical score from KEY=VALUE pairs; without them, print its table, allowed answers and sources.

    Answers are yes or no, numbers in the unit of the key, or names; `unknown` where nothing is known. What is missing widens the
    result: a range of points, or of grades.
    """
    from locoregional.scores.catalogue import answer_score
    from locoregional.scores.description import describe_event, describe_result, describe_score

    if only_list or not name:
        _list()
        return
    given = _pairs(answers)
    if not json_ and not given:
        lines = describe_score(name)
    elif not json_ and list(given) == ["event"]:
        lines = describe_event(given["event"])
    else:
        result = answer_score(name, given)
        lines = iter((_as_json(result),)) if json_ else describe_result(result)
    for line in lines:
        click.echo(line)


def _list() -> None:
    from locoregional.scores.catalogue import CATALOGUE

    for entry in CATALOGUE.values():
        click.echo(f"{entry.name:18}{entry.title}")


def _pairs(answers: tuple[str, ...]) -> dict[str, str]:
    from locoregional.errors import CaseError

    given: dict[str, str] = {}
    for text in answers:
        key, sign, value = text.partition("=")
        key = key.strip().replace("-", "_")
        if not sign or not key or key in given:
            raise CaseError(f"{text!r} is no KEY=VALUE of its own", where="score", remedy="Write each key once, as in pain=none.")
        given[key] = value
    return given


def _as_json(result: object) -> str:
    import json
    from dataclasses import asdict

    return json.dumps({"summary": result.summary, **asdict(result)}, indent=1, allow_nan=False)  # type: ignore[attr-defined, call-overload]
