"""Runs where it is started; what it makes goes to the platform's bucket and metadata service."""

from metaflow import FlowSpec, step


class SmallFlow(FlowSpec):
    @step
    def start(self):
        self.answer = 42
        self.next(self.end)

    @step
    def end(self):
        print("the answer is", self.answer)  # noqa: T201 - what a flow says


if __name__ == "__main__":
    SmallFlow()
