"""`python -m tests.fcm --port N`: the double as a program, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys

from .server import running


def main() -> int:
    """Serve until told to stop; status 1 if the port cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m tests.fcm", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--latency-ms", type=float, default=0, help="answer each send after this time")
    arguments = parser.parse_args()
    # Blocked before any thread starts, so that the signals wait for sigwait below.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        with running(port=arguments.port, latency_s=arguments.latency_ms / 1000) as double:
            print(f"listening on {double.url}", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except (OSError, OverflowError) as error:
        print(f"cannot listen on port {arguments.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
