"""What follows from each reason: what happens next by itself, and what a person can change.

The reasons' meanings and remedies are the operator's own (plan/reasons.py); this table adds what a
person at a terminal asks next. A test sees that no reason is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio_operator.plan.reasons import Reason

# Who decided about the running state, by status.effective.by.
RULES: Mapping[str, str] = {
    "Spec": "spec.state, at its last change",
    "Schedule": "spec.schedule, when its window opened or closed",
    "MaxRunTime": "spec.maxRunTime, which was over",
    "Request": "a person's request by annotation",
    "FirstSeen": "what AWS showed when this resource first saw it there",
    "OutsideStop": "a stop by a person, the idle timer or AWS, after spec.state had been carried "
    "out; drift.state is not Enforce, so it is respected",
    "OutsideStart": "a start by a person, after spec.state had been carried out; drift.state is "
    "not Enforce, so it is respected",
    "People": "people: spec.state is left out",
    "Failure": "a failure: the app ran and failed by itself, and is not started again unasked",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What comes next by itself, and what a person can do.

    `fields` are the fields of the spec that decide about it, `command` is one of kubectl studio's
    with {name} in it.
    """

    next: str
    fields: tuple[str, ...] = ()
    command: str = ""


NOTHING = "Nothing: all is as declared."
STAYS_STOPPED = (
    "Nothing: it stays stopped until somebody starts it, the schedule does, "
    "or spec.state or the instance type changes."
)
WAITS_FOR_AWS = "The operator goes on as soon as AWS shows the step done."
WAITS_FOR_PERSON = "Nothing until the spec changes or somebody asks again."
TRIES_AGAIN = "It is tried again by itself, with pauses that grow to 5 minutes."
TRIES_HOURLY = "It is tried again by itself, within 5 minutes at first and later within the hour."
TRIES_AFTER_CHANGES = (
    "It is tried again when its spec or a resource that it refers to changes, else with pauses "
    "that grow from 15 minutes to 6 hours; a running app is not stopped for that."
)
TRY_NOW = "kubectl studio reconcile {target}"
START_NOW = "kubectl studio start {name}"

ADVICE: Mapping[str, Advice] = {
    Reason.IN_SERVICE: Advice(NOTHING),
    Reason.RUNNING: Advice(NOTHING),
    Reason.STOPPED: Advice(STAYS_STOPPED, ("spec.state",), START_NOW),
    Reason.STOPPED_OUTSIDE: Advice(
        STAYS_STOPPED,
        ("spec.drift.state", "spec.idleShutdown.after"),
        START_NOW,
    ),
    Reason.STARTED_OUTSIDE: Advice(
        "Nothing: it is left running.", ("spec.drift.state",), "kubectl studio stop {name}"
    ),
    Reason.CHANGED_OUTSIDE: Advice(
        "Nothing: what differs is left as it is in AWS.", ("spec.drift",)
    ),
    Reason.BACKUP_STALE: Advice(
        "The change is made as soon as a back-up is, by the script inside the running app.",
        ("spec.backup", "spec.deletionPolicy"),
    ),
    Reason.LINGERING_RESOURCES: Advice(
        "With stopPolicy Block the app is stopped as soon as they are gone, which the operator "
        "looks for every five minutes, or at the time that the message names; kubectl studio stop "
        "does not wait.",
        ("spec.stopPolicy",),
        "kubectl studio lingering {name}",
    ),
    Reason.IDLE_SHUTDOWN_INACTIVE: Advice(
        "Nothing: no idle app is stopped before idle shutdown is on and the image has it.",
        ("spec.idleShutdown", "spec.image", "spec.maxRunTime"),
    ),
    Reason.CREATING: Advice(WAITS_FOR_AWS),
    Reason.UPDATING: Advice(WAITS_FOR_AWS),
    Reason.DELETING: Advice(WAITS_FOR_AWS, ("spec.deletionPolicy",)),
    Reason.RELEASING: Advice(WAITS_FOR_AWS),
    Reason.RELEASED: Advice("The resource goes from Kubernetes."),
    Reason.RETAKING: Advice(WAITS_FOR_AWS),
    Reason.STARTING: Advice(WAITS_FOR_AWS),
    Reason.STOPPING: Advice(WAITS_FOR_AWS),
    Reason.RESIZING: Advice("The app is started again when the change is made, if it ran before."),
    Reason.RESTARTING: Advice("The app is started again as soon as AWS shows it stopped."),
    Reason.PENDING_RESTART: Advice(
        "Nothing before the app is stopped, or its resize window opens: then the change is made.",
        ("spec.resizePolicy", "spec.resizeWindow"),
        "kubectl studio apply-now {name}",
    ),
    Reason.AWS_NOT_OBSERVED: Advice("The operator decides as soon as it has seen AWS completely."),
    Reason.DEPENDENCY_NOT_READY: Advice(
        "It goes on by itself as soon as what it depends on is ready."
    ),
    Reason.DELETION_BLOCKED: Advice("It goes on by itself as soon as those are deleted."),
    Reason.AWS_BUSY: Advice("It is tried again by itself, within seconds."),
    Reason.AWS_UNAVAILABLE: Advice(TRIES_AGAIN),
    Reason.THROTTLED: Advice(TRIES_AGAIN),
    Reason.INSUFFICIENT_CAPACITY: Advice(
        "It is tried again by itself, with pauses that grow to an hour.", ("spec.instanceType",)
    ),
    Reason.STORAGE_COOLDOWN: Advice(
        "The volume grows by itself, six hours after it grew last.", ("spec.storage.sizeGiB",)
    ),
    Reason.OWNERSHIP_CONFLICT: Advice(WAITS_FOR_PERSON, ("spec.adopt",)),
    Reason.IMMUTABLE_FIELD: Advice(WAITS_FOR_PERSON),
    Reason.INVALID_SPEC: Advice(WAITS_FOR_PERSON),
    Reason.REJECTED_BY_AWS: Advice(TRIES_AFTER_CHANGES, command=TRY_NOW),
    Reason.ACCESS_DENIED: Advice(TRIES_HOURLY, command=TRY_NOW),
    Reason.CREDENTIALS_INVALID: Advice(
        "The operator asks AWS again within a minute, and goes on as soon as AWS answers."
    ),
    Reason.QUOTA_EXCEEDED: Advice(TRIES_HOURLY, ("spec.instanceType",), TRY_NOW),
    Reason.NAMESPACE_NOT_ALLOWED: Advice("It goes on by itself once the domain admits it."),
    Reason.POLICY_VIOLATION: Advice(
        "It goes on by itself once the spec names what the StudioTenant allows, or that allows it.",
        command="kubectl studio tenants --report",
    ),
    Reason.TENANT_REQUIRED: Advice("It goes on by itself once a StudioTenant has the namespace."),
    Reason.TENANT_CONFLICT: Advice(
        "It goes on by itself once one StudioTenant has the namespace.",
        command="kubectl studio tenants",
    ),
    Reason.SINGLE_SIGN_ON_REQUIRED: Advice(WAITS_FOR_PERSON, ("spec.singleSignOn.value",)),
    Reason.SINGLE_SIGN_ON_NOT_ALLOWED: Advice(WAITS_FOR_PERSON, ("spec.singleSignOn",)),
    Reason.VPC_SECURITY_GROUPS_MISSING: Advice("It goes on by itself once they are named."),
    Reason.STUDIO_CLASSIC_ENDED: Advice(
        "Nothing: an app that runs is left running, and none is started.",
        ("spec.app", "spec.state"),
    ),
    Reason.CREATION_FAILED: Advice(WAITS_FOR_PERSON),
    Reason.DELETED_OUTSIDE_OF_GIT: Advice("Nothing: nothing is made anew unasked."),
    Reason.DOMAIN_NOT_FOUND: Advice(WAITS_FOR_PERSON, ("spec.domainId", "spec.aws.region")),
    Reason.NOT_APPLIED: Advice(WAITS_FOR_PERSON, command=TRY_NOW),
    Reason.VOLUME_CANNOT_SHRINK: Advice(WAITS_FOR_PERSON, ("spec.storage.sizeGiB",)),
    Reason.IMAGE_REQUIRED: Advice(WAITS_FOR_PERSON, ("spec.image.imageArn",)),
    Reason.SHARED_SPACES_NOT_ENABLED: Advice("It goes on by itself once the domain has the role."),
    Reason.APP_FAILED: Advice(
        "A start that failed is tried again by itself at the time in the message; an app that "
        "failed after it ran stays as it is.",
        ("spec.instanceType", "spec.image"),
        START_NOW,
    ),
    Reason.LIFECYCLE_CONFIG_FAILED: Advice(WAITS_FOR_PERSON, command=START_NOW),
    Reason.START_DEADLINE_EXCEEDED: Advice("It is still waited for, without end."),
    Reason.DELETION_FAILED: Advice(WAITS_FOR_PERSON, command=TRY_NOW),
    Reason.UPDATE_FAILED: Advice(WAITS_FOR_PERSON, command=TRY_NOW),
}
# Members of AWS's requests, as its refusals name them, and the fields they are made from.
AWS_MEMBERS: Mapping[str, str] = {
    "defaultResourceSpec.instanceType": "spec.instanceType",
    "resourceSpec.instanceType": "spec.instanceType",
    "ebsVolumeSizeInGb": "spec.storage.sizeGiB",
    "idleTimeoutInMinutes": "spec.idleShutdown.after",
    "lifecycleConfigArn": "spec.lifecycleConfigArn",
    "sageMakerImage": "spec.image",
}
# What the steps of an operation lead to, by status.operation.step.
STEPS: Mapping[str, str] = {
    "StoppingApp": "when the app is stopped, the change is made",
    "UpdatingSpace": "when AWS has updated the space, the operation goes on",
    "RepairingSpace": "the update is asked for again, since the last one failed in AWS",
    "StartingApp": "when the app runs, the operation is over",
    "Stopping": "when AWS has stopped it, it is started again",
    "Starting": "when it runs, the operation is over",
}


def advice_of(reason: str) -> Advice:
    """The advice of a reason; of one that a newer operator made up, a general one."""
    return ADVICE.get(reason, Advice("See the page of reasons of the operator's version."))
