"""Scan the plans of the last rehearsal with Checkov, and compare with accepted.toml: python scripts/audit.

Exit code 1: a finding that nobody has accepted, or an entry that nothing matches any more. Checkov lives in an
environment of its own, build/audit/env, made of requirements.txt.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(PROJECT))

from rehearsal.run import mirror  # noqa: E402 - found by the line above

REHEARSAL = PROJECT / "build" / "rehearsal"
FOLDER = PROJECT / "build" / "audit"


@dataclass(frozen=True, order=True)
class Finding:
    check: str
    resource: str
    text: str = field(compare=False, default="")


@dataclass(frozen=True, kw_only=True)
class Accepted:
    check: str
    resources: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        return finding.check == self.check and any(fnmatch(finding.resource, each) for each in self.resources)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    new: list[Finding]
    stale: list[Accepted]

    @property
    def ok(self) -> bool:
        return not self.new and not self.stale


def accepted() -> list[Accepted]:
    entries = tomllib.loads((HERE / "accepted.toml").read_text("utf-8"))["accepted"]
    return [Accepted(**entry | {"resources": tuple(entry["resources"])}) for entry in entries]


def compare(findings: Iterable[Finding], entries: Iterable[Accepted]) -> Verdict:
    found, known = sorted(set(findings)), list(entries)
    return Verdict(
        new=[finding for finding in found if not any(each.covers(finding) for each in known)],
        stale=[each for each in known if not any(each.covers(finding) for finding in found)],
    )


def findings(report: Any) -> list[Finding]:
    """Of Checkov's report: one object, or one for each kind of check."""
    parts = report if isinstance(report, list) else [report]
    return [
        Finding(each["check_id"], each["resource"], each["check_name"])
        for part in parts
        for each in part["results"]["failed_checks"]
    ]


def plans() -> list[Path]:
    """What the last rehearsal planned, as JSON."""
    made = sorted((REHEARSAL / "cdktf.out" / "stacks").glob("*/tfplan"))
    if not made:
        sys.exit("audit: there is no rehearsal's plan in build/rehearsal: run `make rehearse` first")
    environment = mirror.environment(REHEARSAL / "terraform.rc", REHEARSAL / "cloud.sqlite")
    shown = []
    for plan in made:
        file = FOLDER / f"{plan.parent.name}.json"
        with file.open("w") as output:
            command = ["terraform", f"-chdir={plan.parent}", "show", "-json", plan.name]
            subprocess.run(command, stdout=output, env=environment, check=True)
        shown.append(file)
    return shown


def scanner() -> Path:
    """Checkov, installed as locked."""
    env = FOLDER / "env"
    uv = Path(sys.executable).with_name("uv")
    quiet: list[str | Path] = [uv, "--quiet"]
    if not (env / "bin" / "python").exists():
        subprocess.run([*quiet, "venv", "--python", sys.executable, env], check=True)
    lock = HERE / "requirements.txt"
    command: list[str | Path] = [*quiet, "pip", "sync", "--python", env / "bin" / "python", "--require-hashes", lock]
    subprocess.run(command, check=True)
    return env / "bin" / "checkov"


def scan(checkov: Path, files: Iterable[Path]) -> tuple[Any, list[str]]:
    """Checkov's report, and the checks that it could not run."""
    # Nothing is asked of its makers' platform.
    options = ("--framework", "terraform_plan", "--skip-download", "--compact", "--quiet", "--output", "json")
    given = [argument for file in files for argument in ("-f", file.name)]
    ran = subprocess.run([checkov, *options, *given], cwd=FOLDER, capture_output=True, text=True, check=False)
    if not ran.stdout.strip():
        sys.exit(f"audit: Checkov printed no report. Its last words:\n{ran.stderr[-2000:]}")
    return json.loads(ran.stdout), sorted(set(re.findall(r"Failed to run check (\S+)", ran.stderr)))


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    report, failed = scan(scanner(), plans())
    found = findings(report)
    verdict = compare(found, accepted())
    summary = [part["summary"] for part in (report if isinstance(report, list) else [report])]
    passed, resources = (sum(each[key] for each in summary) for key in ("passed", "resource_count"))
    print(f"{resources} resources: {passed} checks passed, {len(found) - len(verdict.new)} findings are accepted")
    if failed:
        print(f"Checkov could not run: {', '.join(failed)} (an error of its own)")
    for finding in verdict.new:
        print(f"NEW    {finding.check} {finding.resource}\n       {finding.text}")
    for entry in verdict.stale:
        print(f"STALE  {entry.check} {', '.join(entry.resources)}: nothing is found there any more; remove the entry")
    if verdict.new:
        print("Fix what is new, or accept it in scripts/audit/accepted.toml with a reason.")
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main())
