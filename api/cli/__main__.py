"""`python -m api.cli`, for the processes that start each other."""

from __future__ import annotations

from api.cli import main

main()
