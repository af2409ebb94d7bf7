"""The whole page, from the report's JSON and three files: page.html, page.css and page.js."""

import re
from collections.abc import Iterator
from importlib.resources import files
from string import Template
from typing import Any

from rehearsal.page.picture import picture
from rehearsal.page.timeline import critical_path, timeline
from rehearsal.page.words import about, duration, plural, text

_NEARLY_ALL = 0.9
_WORTH_TELLING = 5
"""Seconds."""

_COSTS = " <code>metaflow-gcp plan --prices</code> says what it costs while no task runs."

Report = dict[str, Any]


def page(report: Report) -> str:
    """One file that needs nothing else, not even a network."""
    stacks = ", ".join(report["stacks"]) or "nothing"
    return Template(_file("page.html")).substitute(
        title=text(f"Rehearsal of {stacks}"),
        style=_file("page.css"),
        script=_file("page.js"),
        verdict=_verdict(report),
        figures="".join(_figures(report)),
        findings="".join(_findings(report)),
        clock=_clock(report) if report.get("clock") else "",
    )


def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _verdict(report: Report) -> str:
    if report["ok"]:
        return '<p class="verdict good">Everything went well</p>'
    failure = report.get("failure")
    where = f" at {failure['step']}" + (f" of {failure['stack']}" if failure["stack"] else "") if failure else ""
    return f'<p class="verdict bad">It did not go well{text(where)}</p>'


def _figures(report: Report) -> Iterator[str]:
    stacks = report["stacks"].values()
    plans = [stack["second_plan"] for stack in stacks if stack["second_plan"] is not None]
    yield _figure(sum(len(stack["resources"]) for stack in stacks), "resources deployed")
    yield _figure(sum(map(len, plans)) if plans else "-", "changes in the second plan")
    yield _figure("-" if report["left"] is None else len(report["left"]), "objects left after destroy")
    if report.get("clock"):
        yield _figure(f"≈ {about(report['clock']['deploy']['seconds'])}", "to deploy in a real project")
        yield _figure(f"≈ {about(report['clock']['destroy']['seconds'])}", "to destroy it")
    yield _figure(f"{report['seconds']:.0f} s", "took this rehearsal")


def _figure(value: object, what: str) -> str:
    return f"<div><dt>{text(what)}</dt><dd>{text(value)}</dd></div>"


def _findings(report: Report) -> Iterator[str]:
    failure = report.get("failure")
    if failure:
        yield f'<h3>The failure</h3><pre class="failure" tabindex="0">{text(failure["message"])}</pre>'
    broken = [f"{each['stack']} at {each['step']}: {each['message']}" for each in report.get("broken", ())]
    yield from _list("Failed on the way, and went well when run again", "", broken)
    changes = [f"{name}: {change}" for name, stack in report["stacks"].items() for change in stack["second_plan"] or ()]
    yield from _list("Changes in the second plan", "Nothing may change: these would come back with each plan.", changes)
    yield from _list("Left in the cloud", "A destroy must leave nothing.", report["left"] or [])
    yield from _list("Works, and is worth a look", "", report["findings"])
    if not (failure or broken or changes or report["left"] or report["findings"]):
        yield "<p>No findings.</p>"
    if report["stays"]:
        kept = plural(len(report["stays"]), "thing stays", "things stay")
        stays = "".join(f"<li>{text(each)}</li>" for each in report["stays"])
        yield f"<details><summary>{kept} on purpose</summary><ul>{stays}</ul></details>"


def _list(title: str, why: str, items: list[str]) -> Iterator[str]:
    if items:
        listed = "".join(f"<li>{text(each)}</li>" for each in items)
        yield f"<h3>{title} ({len(items)})</h3>" + (f"<p>{why}</p>" if why else "") + f"<ul>{listed}</ul>"


def _clock(report: Report) -> str:
    clock = report["clock"]
    return Template(_file("clock.html")).substitute(
        deploy=timeline(clock["deploy"], "deploy"),
        deploy_path=critical_path(clock["deploy"]),
        deploy_known=f"{_known(clock['deploy'])}{_wider(clock, 'deploy')}",
        # Of our own platform; `check` knows no prices.
        costs=_COSTS if report["command"] == "rehearse" else "",
        destroy=timeline(clock["destroy"], "destroy"),
        destroy_path=critical_path(clock["destroy"]),
        destroy_known=f"{_known(clock['destroy'])}{_wider(clock, 'destroy')}",
        pictures="".join(_pictures(clock)),
    )


def _known(expected: dict[str, Any]) -> str:
    """How much of it is known, in words."""
    whole, estimated = expected["seconds"], expected["estimated"]
    if estimated > _NEARLY_ALL * whole:
        return f"About {about(whole)}, nearly all of it estimated."
    return (
        f"About {about(whole)}. Of this, {about(estimated)} are estimates; public logs and the provider's code show "
        "the rest."
    )


def _wider(clock: dict[str, Any], command: str) -> str:
    """What only waits for its turn, told by what more turns would save."""
    saved, turns = clock[command]["seconds"] - clock["wider"][command], clock["wider"]["parallelism"]
    if saved < _WORTH_TELLING:
        return ""
    return f" {duration(saved)} less with <code>cdktf {command} --terraform-parallelism {turns}</code>."


def _pictures(clock: dict[str, Any]) -> Iterator[str]:
    for stack in clock["deploy"]["stacks"]:
        needs = clock["dependencies"][stack["stack"]]
        operations = {re.sub(r"\[[^]]*\]", "", each["address"]): each for each in stack["operations"]}
        title = f"{text(stack['stack'])} <small>{plural(len(needs), 'resource')}</small>"
        drawn = picture(stack["stack"], needs, operations)
        yield (
            f'<h3>{title}</h3><div class="picture" tabindex="0" role="region" '
            f'aria-label="Graph of {text(stack["stack"])}, scrolls">{drawn}</div>'
        )
