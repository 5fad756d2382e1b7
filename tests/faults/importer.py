"""An importing worker for `test_import_killed`: does jobs, with short leases, until it is killed."""

from __future__ import annotations

import time

from config.settings import load_settings
from services.container import build_services
from services.imports.rows import RowMaker

_chunks = RowMaker.chunks


def _small_chunks(self: RowMaker, table, *, after_line):
    return _chunks(self, table, after_line=after_line, size=200)


def main() -> None:
    RowMaker.chunks = _small_chunks  # type: ignore[method-assign]
    step = next(step for step in build_services(load_settings()).worker_steps if step.name == "imports")
    step.run.__self__._lease_seconds = 0.5  # type: ignore[attr-defined]
    print("importing", flush=True)
    while True:
        if not step.run():
            time.sleep(0.02)


if __name__ == "__main__":
    main()
