"""docs/mutants.md: what became of the mutants."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.mutants.reasons import reason
from tests.mutants.run import Result, name_of
from tests.mutants.trial import STAGES

PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
START, END = "<!-- Written by `make mutants`. -->\n", "<!-- End of it. -->\n"


def write(results: list[Result]) -> None:
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    lines = [*_total(results), "", *_table(results), "", *_survivors(results)]
    PAGE.write_text(f"{before}{START}\n" + "\n".join(lines) + f"\n\n{END}{after}", "utf-8")


def _total(results: list[Result]) -> Iterator[str]:
    caught = sum(bool(each.verdict.stage) for each in results)
    ways = len({each.way for each in results})
    yield f"{len(results)} mutants in {ways} ways: {caught} caught ({100 * caught / len(results):.1f} %)."


def _table(results: list[Result]) -> Iterator[str]:
    yield f"| way | mutants | caught | {' | '.join(STAGES)} |"
    yield f"|---|{'---:|' * (len(STAGES) + 2)}"
    for way in dict.fromkeys(each.way for each in results):
        of = [each for each in results if each.way == way]
        at = Counter(each.verdict.stage for each in of)
        caught = len(of) - at[""]
        yield f"| {way} | {len(of)} | {caught} | {' | '.join(str(at[stage] or '') for stage in STAGES)} |"


def _survivors(results: Iterable[Result]) -> Iterator[str]:
    for each in results:
        if not each.verdict.stage:
            yield f"- {each.way}: `{each.where[:110]}` ({each.settings}). {reason(name_of(each)) or 'Not explained.'}"
