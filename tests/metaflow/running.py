"""A stand-in for Kubernetes that runs pods: as processes of this machine, in the environment of an image.

What a pod does is Metaflow's own: the command that its client made, with the variables that it set. What is not as in a
cluster: where the bucket and the metadata service are, and the user.
"""

import os
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.metaflow.stand_ins import Answer, Kubernetes

FINISHED = "2026-01-01T00:00:00Z"


class RunningKubernetes(Kubernetes):
    """Tasks must come one at a time: a list of pods is the newest one's."""

    def __init__(self, image: Path, more: dict[str, str]) -> None:
        super().__init__()
        self._image = image
        self._more = more
        self._pods: list[dict[str, Any]] = []
        self.logs: list[str] = []

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        if method == "GET" and path.endswith("/pods"):
            return 200, {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": self._pods[-1:]}
        code, answer = super().answer(method, path, body)
        if method == "POST" and path.endswith("/jobs"):
            pod = {"metadata": {"name": "pod"}, "status": {"phase": "Running", "containerStatuses": []}}
            self._pods.append(pod)
            threading.Thread(target=self._run, args=(body, pod)).start()
        return code, answer

    def _run(self, job: dict[str, Any], pod: dict[str, Any]) -> None:
        [container] = job["spec"]["template"]["spec"]["containers"]
        env = {each["name"]: str(each.get("value") or "pod") for each in container["env"]}
        env |= {
            # As in the image: its own folder, and the system's.
            "PATH": f"{self._image}/bin:{os.defpath}",
            "METAFLOW_SKIP_INSTALL_DEPENDENCIES": "1",
            **self._more,
        }
        with tempfile.TemporaryDirectory() as folder:
            ended = subprocess.run(
                container["command"],
                cwd=folder,
                env={**env, "HOME": folder},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        self.logs.append(ended.stdout)
        reason = "Completed" if ended.returncode == 0 else "Error"
        terminated = {"exitCode": ended.returncode, "reason": reason, "startedAt": FINISHED, "finishedAt": FINISHED}
        pod["status"] = {
            "phase": "Succeeded" if ended.returncode == 0 else "Failed",
            "containerStatuses": [
                {
                    "name": "main",
                    "image": container["image"],
                    "imageID": "",
                    "ready": False,
                    "restartCount": 0,
                    "state": {"terminated": terminated},
                }
            ],
        }
