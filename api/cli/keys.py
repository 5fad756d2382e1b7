"""`sampark keys`: rotation of the keys that protect personal data."""

from __future__ import annotations

import sys
import time

import click

from api.cli.opening import opened_services
from api.cli.output import json_option, show
from services.domain.jobs import SUCCEEDED
from services.domain.people.actor import Actor
from services.operations.job_runner import JobRunner
from services.operations.resealing import RESEAL

_LOOK_SECONDS = 0.5
_OPERATOR = Actor(user_id="operator", role="hq_admin", session_id="command-line")


@click.group()
def keys() -> None:
    """The field keys (SAMPARK_FIELD_KEYS)."""


@keys.command()
@json_option
def reseal(*, as_json: bool) -> None:
    """Seal everything anew with the first key, beside the work; status 1 while older ones are still needed."""
    with opened_services() as services:
        job = services.resealing.begin(_OPERATOR)
        runner = JobRunner(services.stores.jobs, {RESEAL: services.resealing}, clock=services.clock)
        while not job.ended:
            # Another worker may have taken it up: then there is nothing to run here but to wait for it.
            if not runner.run_next():
                time.sleep(_LOOK_SECONDS)
            job = services.jobs.get(_OPERATOR, job.id)
    result = dict(job.result or {})
    renewed = sum(result.get("renewed", {}).values())
    text = f"{job.state}: {result.get('read', 0)} read, {renewed} sealed anew, {result.get('older', '?')} still older"
    show({"state": job.state, **result}, as_json=as_json, text=text)
    if job.state != SUCCEEDED or result["older"]:
        sys.exit(1)
