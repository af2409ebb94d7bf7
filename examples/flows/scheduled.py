"""A flow that runs by the clock, without anybody's machine: Argo Workflows starts it.

Run:  python scheduled.py --with retry argo-workflows create
      python scheduled.py argo-workflows trigger     (now, without waiting for the clock)
      python scheduled.py argo-workflows delete
See:  the workflow template and its runs on Argo's pages; in the user interface a run every night at 4:30.
"""

from datetime import UTC, datetime

from metaflow import FlowSpec, schedule, step


@schedule(cron="30 4 * * *", timezone="Etc/UTC")
class ScheduledFlow(FlowSpec):
    @step
    def start(self):
        self.started = datetime.now(UTC).isoformat(timespec="seconds")
        self.next(self.end)

    @step
    def end(self):
        print(f"started at {self.started}")


if __name__ == "__main__":
    ScheduledFlow()
