"""What `--fail` asks for, over one run: a step that breaks is done again until it goes well."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from rehearsal.cloud.model import Cloud
from rehearsal.facts import Facts
from rehearsal.faults.address import Addresses
from rehearsal.faults.drift import drift
from rehearsal.faults.fault import Fault, parse
from rehearsal.faults.healing import Cure, state_file
from rehearsal.faults.store import inject, meet, met, running
from rehearsal.run.cdktf import Cdktf
from rehearsal.run.converge import converge, heal
from rehearsal.run.errors import WrongUse
from rehearsal.run.report import Report
from rehearsal.run.stacks import Stack
from rehearsal.run.state_faults import disk_full, locked, require_namespaces
from rehearsal.run.terraform import Terraform


def faults(texts: Sequence[str], found: list[Stack], *, cdktf: bool) -> list[Fault]:
    """The values of `--fail`. Raises WrongUse with all that is wrong."""
    resources = [stack.configuration().get("resource", {}) for stack in found]
    addresses = {f"{type_}.{name}" for each in resources for type_, named in each.items() for name in named}
    asked, wrong = [], []
    for text in texts:
        try:
            asked.append(parse(text, addresses, [stack.name for stack in found]))
        except ValueError as error:
            wrong.append(str(error))
        else:
            if asked[-1].value == "cdktf" and not cdktf:
                wrong.append(f"--fail {text}: `check` runs without the CDKTF CLI: there is nothing to kill")
    if wrong:
        raise WrongUse("\n".join(wrong))
    if any(each.kind == "disk-full" for each in asked):
        require_namespaces()
    return asked


@dataclass(kw_only=True)
class Breaking:
    """Over one run. Without faults every step is done once, and nothing else."""

    asked: list[Fault]
    cloud: Cloud
    report: Report
    runs: dict[str, Terraform]
    cdktf: Cdktf | None = None
    of_state: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.of_state = [each for each in self.asked if each.of_state]
        inject(self.cloud, *self.asked)
        for name, program in [*(("terraform", run) for run in self.runs.values()), ("cdktf", self.cdktf)]:
            if program and self.asked:
                program.started.append(partial(running, self.cloud, name))

    def again(self, stacks: list[str], action: Callable[[], object]) -> None:
        """Does something with these stacks until it goes well."""
        if not self.asked:
            action()
            return

        def once() -> None:
            with self._state_faults(stacks):
                action()

        folders = {name: run.folder for name, run in self.runs.items()}
        converge(once, report=self.report, cloud=self.cloud, folders=folders, heal=self._heal)

    def updates(self) -> list[str]:
        """Changes by hand in the cloud what is to break at its update; returns the stacks to deploy again."""
        wanted = [each.address for each in self.asked if each.operation == "update" and not each.of_state]
        changed = []
        for name, run in self.runs.items() if wanted else ():
            pending = dict(self._drifts(run.folder, wanted))
            done: set[str] = set()
            while pending:
                pending = {address: drifts for address, drifts in pending.items() if next(drifts, None) is not None}
                planned = run.plan().changes if pending else []
                done |= {address for address in pending if f"update {address}" in planned}
                pending = {address: drifts for address, drifts in pending.items() if address not in done}
            changed += [name] if done else []
        return changed

    def unmet(self) -> list[str]:
        """Faults that nothing has met as often as they were asked for."""
        seen = {fault: times for fault, _, times in met(self.cloud)}
        often = {each: seen.get(each, 0) for each in self.asked}
        return [f"--fail {each} was met {often[each]} times" for each in self.asked if often[each] < each.times]

    def _drifts(self, folder: Path, wanted: list[str]) -> Iterator[tuple[str, Iterator[str]]]:
        addresses = Addresses(self.cloud, folder)
        for type_, named in addresses.resources.items():
            schema = Facts(type_.partition("_")[0]).schema("resource", type_)
            for name, written in named.items():
                address = f"{type_}.{name}"
                state = addresses.object(address) if any(fnmatchcase(address, each) for each in wanted) else None
                if schema and state:
                    yield address, drift(self.cloud, schema, state, written)

    @contextlib.contextmanager
    def _state_faults(self, stacks: list[str]) -> Iterator[None]:
        """Those of these stacks, each once."""
        with contextlib.ExitStack() as held:
            for fault in [each for each in self.of_state if each.address in stacks]:
                self.of_state.remove(fault)
                meet(self.cloud, fault)
                run = self.runs[fault.address]
                file = state_file(run.folder)
                wrapped = self.cdktf.wrapper if self.cdktf else run.wrapper
                held.enter_context(locked(file) if fault.kind == "locked" else disk_full(file, wrapped))
            yield

    def _heal(self, stack: str, cure: Cure) -> None:
        heal(self.runs[stack], cure)
