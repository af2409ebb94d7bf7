"""Many tasks at once on spot machines, which cost a fraction and may be taken away at any time: so each is retried.

Run:  python foreach_spot.py run
See:  eight tasks at once, on nodes that start for them; the sum of what they counted. A task whose machine is
      taken away starts again on another one.
"""

from metaflow import FlowSpec, Parameter, kubernetes, retry, step, timeout


class ForeachSpotFlow(FlowSpec):
    tasks = Parameter("tasks", default=8, help="How many at once.")

    @step
    def start(self):
        self.limits = [10_000 * (n + 1) for n in range(self.tasks)]
        self.next(self.count, foreach="limits")

    # Spot machines only: those of a pool with `spot = true`, or new ones that GKE starts, which it taints.
    @kubernetes(
        cpu=1,
        memory=1024,
        node_selector={"cloud.google.com/gke-spot": "true"},
        tolerations=[
            {"key": "cloud.google.com/gke-spot", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
        ],
    )
    # Metaflow's own notice of a spot machine's end knows only other clouds: what helps here is to try again.
    @retry(times=4, minutes_between_retries=1)
    @timeout(minutes=30)
    @step
    def count(self):
        self.primes = sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, self.input))
        print(f"{self.primes} primes below {self.input}")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(task.primes for task in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.total} primes in all")


if __name__ == "__main__":
    ForeachSpotFlow()
