"""A step that reads a secret: it is in Secret Manager, and never in the code, an artifact or a log.

Before: gcloud secrets create first-flows-key --replication-policy=automatic
        printf 'not so secret' | gcloud secrets versions add first-flows-key --data-file=-
        In the platform's settings, and then deployed:  [jobs] secrets = ["first-flows-key"]
Run:    python with_secrets.py run
See:    that the key is there, and how long it is.
"""

import os

from metaflow import FlowSpec, kubernetes, secrets, step


class WithSecretsFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.use)

    # The secret becomes an environment variable of this step, `-` turned to `_`. The pod reads it, as itself.
    @secrets(sources=["first-flows-key"])
    @kubernetes
    @step
    def use(self):
        # Never on self: artifacts are kept.
        print(f"the key has {len(os.environ['first_flows_key'])} characters")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    WithSecretsFlow()
