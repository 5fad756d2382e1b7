"""Puts together what is done with the audit trail: sealing, verifying, handing out, watching what was revealed."""

from __future__ import annotations

from dataclasses import dataclass

from config.paths import read_json
from services.audit.exporting import AuditExports
from services.audit.sealing import AuditSealing
from services.audit.verifying import AuditVerifying
from services.batches.reveal_watching import RevealWatch
from services.domain.audit.entries import Subjects
from services.domain.batches.reveal_watch import WatchRules
from services.domain.cipher import Cipher
from services.gateways.clock import Clock, MachineClock
from services.operations.audit import Audit
from services.operations.jobs import Jobs
from services.policy import Policy
from services.push.waking import Waking
from services.store.stores import Stores
from services.worker import Step


@dataclass(frozen=True, kw_only=True)
class AuditTrail:
    """The use cases of the audit trail beside writing and searching it."""

    sealing: AuditSealing
    verifying: AuditVerifying
    exports: AuditExports
    watch: RevealWatch

    def steps(self) -> tuple[Step, ...]:
        """Return the worker's steps."""
        return (
            Step(name="audit-seals", run=self.sealing.run),
            Step(name="reveal-watch", run=self.watch.run),
        )


def wire_audit(
    stores: Stores, cipher: Cipher, *, jobs: Jobs, policy: Policy, waking: Waking, audit: Audit, clock: Clock
) -> AuditTrail:
    """Return the use cases."""
    machine = MachineClock()
    data = read_json("audit.json")
    sealing = AuditSealing(stores.audit, stores.audit_chunks, cipher, machine)
    return AuditTrail(
        sealing=sealing,
        verifying=AuditVerifying(stores.audit, stores.audit_chunks, sealing, machine),
        exports=AuditExports(
            entries=stores.audit,
            files=stores.files,
            jobs=jobs,
            audit=audit,
            subjects=Subjects(data),
            shown_by=data["disclosures"],
            clock=clock,
        ),
        watch=RevealWatch(
            flags=stores.reveal_flags,
            caps=stores.caps,
            entries=stores.audit,
            batches=stores.batches,
            users=stores.users,
            rules=WatchRules.parse(read_json("reveal_watch.json")),
            policy=policy,
            tell=waking.flagged,
            audit=audit,
            clock=clock,
        ),
    )
