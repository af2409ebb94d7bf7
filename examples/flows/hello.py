"""The first flow: two steps, an artifact between them, in the team's default image.

Run:  python hello.py run --with kubernetes
See:  the node that each step ran on; the first run waits a few minutes for a node to start. In the user interface, the
      run HelloFlow with its artifact `message`.
"""

import platform

from metaflow import FlowSpec, Parameter, step


class HelloFlow(FlowSpec):
    whom = Parameter("whom", default="world", help="Whom to greet.")

    @step
    def start(self):
        self.message = f"hello, {self.whom}, from {platform.node()} with Python {platform.python_version()}"
        print(self.message)
        self.next(self.end)

    @step
    def end(self):
        # The artifact came through the bucket.
        print(f"the first step said: {self.message}")


if __name__ == "__main__":
    HelloFlow()
