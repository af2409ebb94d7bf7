"""Runs by the clock and when something happens, with all that Metaflow knows on Kubernetes.

A secret, retries, a foreach, a GPU, an image of the team's, and nodes that work together.
"""

from metaflow import FlowSpec, Parameter, kubernetes, parallel, retry, schedule, secrets, step, trigger


@schedule(cron="30 4 * * *", timezone="Europe/Helsinki")
@trigger(event={"name": "data-arrived", "parameters": {"day": "day"}})
class DeployedFlow(FlowSpec):
    day = Parameter("day", default="today")

    @secrets(sources=["training-key"])
    @retry(times=2)
    @step
    def start(self):
        self.shards = ["a", "b", "c"]
        self.next(self.prepare, foreach="shards")

    @kubernetes(image="preparation:1.0")
    @retry
    @step
    def prepare(self):
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.next(self.tune)

    @kubernetes(gpu=1)
    @step
    def tune(self):
        self.next(self.train, num_parallel=2)

    @kubernetes(gpu=1)
    @retry
    @parallel
    @step
    def train(self):
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    DeployedFlow()
