"""Takes as long as it is told to, and records things all the while."""

import time

from metaflow import FlowSpec, Parameter, step


class SlowFlow(FlowSpec):
    seconds = Parameter("seconds", type=int, default=1)
    tasks = Parameter("tasks", type=int, default=2)

    @step
    def start(self):
        self.number = list(range(self.tasks))
        self.next(self.wait, foreach="number")

    @step
    def wait(self):
        time.sleep(self.seconds / self.tasks)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        print("it is done")  # noqa: T201 - what a flow says


if __name__ == "__main__":
    SlowFlow()
