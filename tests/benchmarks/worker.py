"""Acts as one worker process: answers requests for the ZIP codes of its argument, then waits for the end of the input.

It imports nothing of the benchmarks, so that `memory.py` reads the memory of the application alone.
"""

import sys

from directory.app import create_app


def main() -> None:
    """Answer the requests and print `ready`."""
    client = create_app().test_client()
    for code in sys.argv[1].split(","):
        for path in ("/providers", "/api/v1/providers"):
            if client.get(path, query_string={"near": code, "within": "50"}).status_code != 200:
                raise SystemExit(f"{path} failed for {code}.")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
