"""Wait until a URL answers 200: wait_until_ready.py URL [SECONDS]. Runs in a pod, with Python's own library only."""

import sys
import time
import urllib.error
import urllib.request

url = sys.argv[1]
patience = float(sys.argv[2]) if len(sys.argv) > 2 else 540  # noqa: PLR2004 - the number of arguments
end = time.monotonic() + patience
while True:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - the chart's own Service
            break
    except OSError as error:
        # An HTTP error is one, too.
        if time.monotonic() > end:
            sys.exit(f"{url} does not answer: {error}")
        print(f"not yet: {error}", flush=True)
        time.sleep(min(3.0, patience / 10))
print(f"{url} answers")
