"""Run from a laptop: three steps go to the cluster, the others stay."""

from metaflow import FlowSpec, kubernetes, parallel, secrets, step


class LaptopFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.prepare, self.tune, self.spread)

    @kubernetes
    @secrets(sources=["training-key"])
    @step
    def prepare(self):
        self.next(self.collect)

    @kubernetes(gpu=1)
    @step
    def tune(self):
        self.next(self.collect)

    @step
    def spread(self):
        self.next(self.train, num_parallel=2)

    @kubernetes(gpu=1)
    @parallel
    @step
    def train(self):
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    LaptopFlow()
