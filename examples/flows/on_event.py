"""A flow that starts when something happens: an event, published from anywhere that reaches the platform's webhook.

Run:  python on_event.py --with retry argo-workflows create
      python on_event.py publish                       (with `metaflow-gcp forward` open)
      python on_event.py argo-workflows delete
See:  a run that starts within seconds of the event, with the day that the event named.
"""

import sys

from metaflow import FlowSpec, Parameter, step, trigger
from metaflow.integrations import ArgoEvent

EVENT = "first-flows-data-arrived"


@trigger(event={"name": EVENT, "parameters": {"day": "day"}})
class OnEventFlow(FlowSpec):
    day = Parameter("day", default="none", help="Which day's data arrived; the event says it.")

    @step
    def start(self):
        print(f"data of {self.day} arrived")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    if sys.argv[1:] == ["publish"]:
        print("published:", ArgoEvent(EVENT).publish({"day": "2026-11-23"}, force=True))
    else:
        OnEventFlow()
