"""Remove the sensors of a namespace, and wait until they are gone: remove_sensors.py API NAMESPACE [SECONDS].

Runs in a pod, with Python's own library only.
"""

import json
import ssl
import sys
import time
import urllib.request
from pathlib import Path

api, namespace = sys.argv[1:3]
patience = float(sys.argv[3]) if len(sys.argv) > 3 else 540  # noqa: PLR2004 - the number of arguments
mounted = Path("/var/run/secrets/kubernetes.io/serviceaccount")
url = f"{api}/apis/argoproj.io/v1alpha1/namespaces/{namespace}/sensors"


def ask(method: str) -> list[str]:
    token, authority = mounted / "token", mounted / "ca.crt"
    request = urllib.request.Request(url, method=method)  # noqa: S310 - the cluster's own API
    if token.exists():
        request.add_header("Authorization", f"Bearer {token.read_text().strip()}")
    context = ssl.create_default_context(cafile=str(authority)) if authority.exists() else None
    with urllib.request.urlopen(request, timeout=30, context=context) as answer:  # noqa: S310 - as above
        return [each["metadata"]["name"] for each in json.load(answer).get("items", [])]


end = time.monotonic() + patience
ask("DELETE")
while left := ask("GET"):
    if time.monotonic() > end:
        sys.exit(f"still there: {', '.join(left)}")
    print(f"waiting for {', '.join(left)}", flush=True)
    time.sleep(min(2.0, patience / 10))
print(f"no sensors in {namespace}")
