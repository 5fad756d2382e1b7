"""`python -m bench`: run the benchmarks, or those that `--only` names, and print a table each."""

from __future__ import annotations

import argparse
import sys
import time
from importlib import import_module

NAMES = (
    *("round_trips", "one_outcome", "sync_bytes", "sync_time", "opt_outs", "claim", "allocate", "drain", "upload_100"),
    *("bad_lines", "sign_in", "import_rows", "sealing", "finding"),
)


def main() -> int:
    """Run and print; status 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", help=f"comma-separated, of {', '.join(NAMES)}")
    parser.add_argument("--rows", type=int, help="rows of import_rows' sheet, 100,000 by default; the roll has 997,633")
    parser.add_argument("--contacts", help="sizes of finding's collection, comma-separated: 10000,100000,1000000")
    given = parser.parse_args()
    wanted = given.only
    chosen = wanted.replace(" ", "").split(",") if wanted else NAMES
    if unknown := sorted(set(chosen) - set(NAMES)):
        parser.error(f"no benchmark called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    for name in chosen:
        began = time.monotonic()
        table = import_module(f"bench.{name}").run(**_sized(name, given))
        print()
        for line in table.lines():
            print(line)
        print(f"({name}: {time.monotonic() - began:.0f} s)", flush=True)
    return 0


def _sized(name: str, given: argparse.Namespace) -> dict[str, object]:
    """Return the size that was asked for, for a benchmark that has one."""
    if name == "import_rows" and given.rows:
        return {"rows": given.rows}
    if name == "finding" and given.contacts:
        return {"sizes": [int(size) for size in given.contacts.split(",")]}
    return {}


if __name__ == "__main__":
    sys.exit(main())
