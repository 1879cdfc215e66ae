"""The words that stand as `reason` on conditions: what each means and what helps.

They are data, so that the page of reasons is generated and every word on a status is explained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Reasons of conditions. People, alerts and scripts match them, so they never change."""

    # It goes well.
    IN_SERVICE = "InService"
    CREATING = "Creating"
    UPDATING = "Updating"
    DELETING = "Deleting"
    RELEASING = "Releasing"
    RELEASED = "Released"

    RUNNING = "Running"
    STARTING = "Starting"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    STOPPED_OUTSIDE = "StoppedOutside"
    STARTED_OUTSIDE = "StartedOutside"
    CHANGED_OUTSIDE = "ChangedOutside"
    RESIZING = "Resizing"
    RESTARTING = "Restarting"
    RETAKING = "Retaking"

    # It waits for something.
    PENDING_RESTART = "PendingRestart"
    AWS_NOT_OBSERVED = "AwsNotObserved"
    DEPENDENCY_NOT_READY = "DependencyNotReady"
    DELETION_BLOCKED = "DeletionBlocked"
    AWS_BUSY = "AwsBusy"
    AWS_UNAVAILABLE = "AwsUnavailable"
    THROTTLED = "Throttled"
    INSUFFICIENT_CAPACITY = "InsufficientCapacity"
    STORAGE_COOLDOWN = "StorageCooldown"

    BACKUP_STALE = "BackupStale"

    # It needs a person.
    LINGERING_RESOURCES = "LingeringResources"
    IDLE_SHUTDOWN_INACTIVE = "IdleShutdownInactive"
    OWNERSHIP_CONFLICT = "OwnershipConflict"
    IMMUTABLE_FIELD = "ImmutableField"
    INVALID_SPEC = "InvalidSpec"
    REJECTED_BY_AWS = "RejectedByAWS"
    ACCESS_DENIED = "AccessDenied"
    CREDENTIALS_INVALID = "CredentialsInvalid"
    QUOTA_EXCEEDED = "QuotaExceeded"
    NAMESPACE_NOT_ALLOWED = "NamespaceNotAllowed"
    POLICY_VIOLATION = "PolicyViolation"
    TENANT_REQUIRED = "TenantRequired"
    TENANT_CONFLICT = "TenantConflict"
    SINGLE_SIGN_ON_REQUIRED = "SingleSignOnRequired"
    SINGLE_SIGN_ON_NOT_ALLOWED = "SingleSignOnNotAllowed"
    VPC_SECURITY_GROUPS_MISSING = "VpcSecurityGroupsMissing"
    STUDIO_CLASSIC_ENDED = "StudioClassicEnded"
    CREATION_FAILED = "CreationFailed"
    DELETED_OUTSIDE_OF_GIT = "DeletedOutsideOfGit"
    DOMAIN_NOT_FOUND = "DomainNotFound"
    NOT_APPLIED = "NotApplied"
    VOLUME_CANNOT_SHRINK = "VolumeCannotShrink"
    IMAGE_REQUIRED = "ImageRequired"
    SHARED_SPACES_NOT_ENABLED = "SharedSpacesNotEnabled"
    APP_FAILED = "AppFailed"
    LIFECYCLE_CONFIG_FAILED = "LifecycleConfigFailed"
    START_DEADLINE_EXCEEDED = "StartDeadlineExceeded"
    DELETION_FAILED = "DeletionFailed"
    UPDATE_FAILED = "UpdateFailed"


def reason_told(text: str, otherwise: Reason) -> Reason:
    """The reason that a status tells; `otherwise` for a word that is none of ours.

    Whoever may write status may write any word there, and so may another version of the operator.
    """
    return next((one for one in Reason if one == text), otherwise)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a reason means, and what a person can do; full sentences, for the page of reasons."""

    meaning: str
    remedy: str


REASONS: Mapping[Reason, Explanation] = {
    Reason.IN_SERVICE: Explanation(
        "AWS shows what the spec declares.",
        "Nothing to do.",
    ),
    Reason.CREATING: Explanation(
        "The resource is being made in AWS.",
        "Wait: a profile or space takes seconds, a domain minutes.",
    ),
    Reason.UPDATING: Explanation(
        "A change is under way in AWS.",
        "Wait; further edits of the spec are taken up as soon as AWS allows.",
    ),
    Reason.DELETING: Explanation(
        "The resource is being deleted in AWS.",
        "Wait until AWS no longer shows it.",
    ),
    Reason.RELEASING: Explanation(
        "The resource was deleted here, and its deletionPolicy keeps what is in AWS: the "
        "operator's tags are being changed there, nothing else.",
        "Wait a moment.",
    ),
    Reason.RELEASED: Explanation(
        "The operator has let go: the resource may go from Kubernetes.",
        "Nothing to do. After Retain, applying the same resource again takes it back.",
    ),
    Reason.AWS_NOT_OBSERVED: Explanation(
        "AWS has not been seen completely yet, since the operator has just started or AWS did not "
        "answer, so nothing is decided.",
        "If it lasts for minutes, look at the operator's log and its access to AWS.",
    ),
    Reason.DEPENDENCY_NOT_READY: Explanation(
        "A resource that the spec refers to does not exist yet, is not ready, or has not attached "
        "a file system that the spec names or the space mounts. Or AWS does not have the lifecycle "
        "configuration that the spec names: it is looked for again each minute.",
        "Apply the resource that is named, look at why it is not ready, or add to it what the "
        "message names.",
    ),
    Reason.DELETION_BLOCKED: Explanation(
        "The resource is to be deleted, but others still depend on it.",
        "Delete those that are named; the order is apps, spaces, profiles, domain.",
    ),
    Reason.AWS_BUSY: Explanation(
        "AWS refused for now since something else is under way, such as an app that runs. Settings "
        "of a domain that wait for that hold back nothing else: tags and other settings follow.",
        "Usually it passes. If the message names apps or spaces, stop those: it is tried again as "
        "soon as the last one is gone, and else after pauses of up to an hour.",
    ),
    Reason.AWS_UNAVAILABLE: Explanation(
        "AWS could not be reached or failed; the operator tries again with growing pauses.",
        "If it lasts, look at the operator's network and the state of the service.",
    ),
    Reason.THROTTLED: Explanation(
        "AWS took too many requests from this account just now; the operator slows down.",
        "Wait. If it lasts, see what else calls the SageMaker API in the account.",
    ),
    Reason.INSUFFICIENT_CAPACITY: Explanation(
        "AWS has no instance of that type to spare; the operator tries again.",
        "Wait, or choose another instance type.",
    ),
    Reason.STORAGE_COOLDOWN: Explanation(
        "A volume can change once in six hours, and it changed less than six hours ago.",
        "Wait; the change is made as soon as AWS allows it.",
    ),
    Reason.BACKUP_STALE: Explanation(
        "A resize or a deletion waits for a back-up, as spec.backup asks: one that is made after "
        "the change came up, by the script inside the running app.",
        "Wait where the app runs. Where the message says that it does not, or that a try failed, "
        "start or restart the app, mend the role's rights in S3, or go on without a back-up.",
    ),
    Reason.OWNERSHIP_CONFLICT: Explanation(
        "What the spec names exists in AWS, and this resource does not own it.",
        "Adopt it where the message says how, choose another name, or delete the other owner. Of "
        "another clusterId the page Rebuild a cluster tells more.",
    ),
    Reason.IMMUTABLE_FIELD: Explanation(
        "The spec differs in a field that AWS fixes at creation. Nothing is ever deleted and made "
        "anew to carry out a change. Or the spec names something new while what it named before is "
        "in AWS with this resource's tag, since its status was lost before the edit: nothing is "
        "created or taken over beside that.",
        "Set the field to the value AWS has, or make a new resource.",
    ),
    Reason.INVALID_SPEC: Explanation(
        "Fields of the spec do not go together, or not with what their domain or the owner's "
        "profile allows, such as an idle time or the size of a volume, or name a lifecycle "
        "configuration that is for another app. Or a field can't be read, "
        "such as a time zone that does not exist: then status goes on showing AWS, a request to "
        "stop is carried out and the resource can be deleted, but nothing else is changed in AWS.",
        "Correct the field that is named, or what the message names of the domain or profile.",
    ),
    Reason.REJECTED_BY_AWS: Explanation(
        "AWS refused the request as wrong. It is not repeated before the spec changes or a "
        "resource that it refers to: a Space is tried again once its StudioDomain or UserProfile "
        "has changed. For what only AWS knows of, such as an image or a role, it is tried again "
        "after 15 minutes (STUDIO_OPERATOR_INVALID_RETRY) and pauses that double up to 6 hours. "
        "Of the settings of a domain or profile that holds for what was refused last, until the "
        "operator restarts. "
        "Settings of a domain, profile or space that are refused are named, and hold back nothing "
        "else. No running app is stopped for another try: a refused change of a Space waits until "
        "the app is stopped.",
        "Correct the spec as AWS's words say, or the resource that it refers to. To try again "
        "unchanged, set the annotation reconcile.studio-operator.dev/requested-at to a new value.",
    ),
    Reason.ACCESS_DENIED: Explanation(
        "The operator's IAM role may not do what the spec needs. Settings of a domain or profile "
        "that are refused so hold back nothing else, and are tried again after up to an hour.",
        "Grant the action that AWS's words name to the operator's role, iam:PassRole included.",
    ),
    Reason.CREDENTIALS_INVALID: Explanation(
        "AWS does not take the operator's credentials: they have expired, are wrong, or can't be "
        "fetched. Every resource of that account says so, and shows what AWS showed last.",
        "Check what gives the operator's Pod its credentials: the IAM role and its trust policy, "
        "the web identity or Pod Identity association, the keys, the clock of its node. The "
        "operator's log has AWS's words. Nothing needs a restart.",
    ),
    Reason.QUOTA_EXCEEDED: Explanation(
        "A service quota of the account is used up.",
        "Ask for a higher quota in Service Quotas, or delete what is no longer needed.",
    ),
    Reason.NAMESPACE_NOT_ALLOWED: Explanation(
        "The domain belongs to another namespace and does not admit this one.",
        "Add this namespace to the StudioDomain's spec.allowedNamespaces.",
    ),
    Reason.POLICY_VIOLATION: Explanation(
        "The spec, or a default that counts for it, names something that the StudioTenant of the "
        "namespace does not allow. As the condition PolicyViolation it is only told; on Ready it "
        "says what is not done for it. What runs goes on, unless the tenant's spec.enforcement is "
        "Stop, and what AWS has already stays.",
        "Name what the tenant allows, or have a cluster admin add it to the tenant's spec.allow.",
    ),
    Reason.TENANT_REQUIRED: Explanation(
        "The operator runs with tenancy.required, and no StudioTenant has this namespace: nothing "
        "is made, changed or started in it. Tags are still set, and what runs goes on.",
        "Have a cluster admin add the namespace to spec.namespaces.names of a StudioTenant.",
    ),
    Reason.TENANT_CONFLICT: Explanation(
        "Two StudioTenants claim the namespace, so neither counts there: unless all of them only "
        "tell (enforcement Audit), nothing is made, changed or started in it. Tags are still set, "
        "and what runs goes on.",
        "Have a cluster admin take the namespace out of one of them.",
    ),
    Reason.SINGLE_SIGN_ON_REQUIRED: Explanation(
        "The domain signs people in by IAM Identity Center, and the profile names nobody there.",
        "Delete this resource and apply it again with the person's user name in IAM Identity "
        "Center as spec.singleSignOn.value: the field is fixed when the resource is made.",
    ),
    Reason.SINGLE_SIGN_ON_NOT_ALLOWED: Explanation(
        "The profile names a person in IAM Identity Center, and the domain signs in by IAM.",
        "Delete this resource and apply it again without spec.singleSignOn, or in a domain with "
        "authMode SSO: the field is fixed when the resource is made.",
    ),
    Reason.VPC_SECURITY_GROUPS_MISSING: Explanation(
        "Apps in a domain with network VpcOnly need security groups. A profile and its private "
        "spaces take their own or the domain's defaults, shared spaces the domain's settings for "
        "them.",
        "Name security groups in the settings that the message names.",
    ),
    Reason.STUDIO_CLASSIC_ENDED: Explanation(
        "The app is one of Studio Classic (JupyterServer, KernelGateway). AWS creates no such app "
        "any more; those that exist can be stopped and deleted (Developer Guide, page studio).",
        "Set spec.state to Stopped, and work in a Space with app JupyterLab or CodeEditor.",
    ),
    Reason.CREATION_FAILED: Explanation(
        "AWS could not make the resource. AWS neither mends nor updates such a resource.",
        "Mend what AWS's words say and delete the failed resource in AWS. A domain or profile is "
        "made again by itself; for a space, delete this resource and apply it again.",
    ),
    Reason.DELETED_OUTSIDE_OF_GIT: Explanation(
        "It was deleted in AWS, not by the operator. It held data, so an empty one is not "
        "silently put in its place.",
        "For a space, annotate it with studio-operator.dev/recreate to have a new one with an "
        "empty volume. Or delete this resource and apply it again to start afresh.",
    ),
    Reason.DOMAIN_NOT_FOUND: Explanation(
        "AWS has no domain with the id in spec.domainId.",
        "Check the id, the region and the account of the operator's role.",
    ),
    Reason.RUNNING: Explanation("The app runs as the spec declares.", "Nothing to do."),
    Reason.STARTING: Explanation(
        "The app is being started.",
        "Wait: AWS takes minutes to start an instance and its image.",
    ),
    Reason.STOPPING: Explanation(
        "The app is being stopped; the volume stays.",
        "Wait: AWS takes a minute or so.",
    ),
    Reason.STOPPED: Explanation(
        "The app is stopped, as the spec, its schedule or a person's request says; the instance "
        "costs nothing, the volume stays.",
        "Nothing to do. Set spec.state to Running to start it.",
    ),
    Reason.STOPPED_OUTSIDE: Explanation(
        "The spec says Running and was carried out; later a person, the idle timer or AWS stopped "
        "the app. It stays stopped until somebody starts it, the schedule does, or spec.state or "
        "the instance type changes.",
        "Start it in Studio, or set drift.state to Enforce to have it started again each time.",
    ),
    Reason.STARTED_OUTSIDE: Explanation(
        "The spec says Stopped and was carried out; later a person started the app. It is left "
        "running, and Drifted says so.",
        "Set drift.state to Enforce to have it stopped each time.",
    ),
    Reason.CHANGED_OUTSIDE: Explanation(
        "Somebody changed in AWS what the spec declares. Where spec.drift says Report, this is "
        "told and left; where it says Enforce, it is changed back, as spec.resizePolicy allows.",
        "Declare what is there; or set that section of spec.drift to Enforce to have it changed "
        "back, to Report to have it left.",
    ),
    Reason.LINGERING_RESOURCES: Explanation(
        "Endpoints, jobs or other resources that were made from the space go on costing money "
        "without its app. With stopPolicy Block the app is not stopped before they are gone, or "
        "before its stops have waited for a day (STUDIO_OPERATOR_LINGERING_WAIT_LIMIT). "
        "Resources that AWS does not tag with the space are not seen.",
        "Delete what is no longer needed; status.lingeringResources has the ARNs. To stop the app "
        "at once: kubectl studio stop, or stopPolicy Warn.",
    ),
    Reason.IDLE_SHUTDOWN_INACTIVE: Explanation(
        "spec.idleShutdown is declared and has no effect: the domain or the owner's profile "
        "switches idle shutdown off, or the image is older than SageMaker Distribution 2.0, the "
        "first with idle shutdown. AWS takes the idle time without a word. Ready stays True, and "
        "the app runs on.",
        "Set idle.enabled to true in the settings that the message names, or take a newer image; "
        "or leave out spec.idleShutdown. spec.maxRunTime and spec.schedule stop an app whatever "
        "the domain and the image are.",
    ),
    Reason.RESIZING: Explanation(
        "A change that needs a stop is under way: the app is stopped, the space updated, and the "
        "app started again if it ran.",
        "Wait; status.operation shows the step.",
    ),
    Reason.RESTARTING: Explanation(
        "A person asked for a restart by annotation: the app is stopped and started again. Changes "
        "that were waiting for a stop are made between the two.",
        "Wait; status.operation shows the step.",
    ),
    Reason.RETAKING: Explanation(
        "It exists in AWS and is being taken over: only its tags change.",
        "Wait a moment.",
    ),
    Reason.PENDING_RESTART: Explanation(
        "A change waits until the app is stopped, since AWS takes it only then and the spec does "
        "not ask for a stop now, or names an instance type that the AWS SDK does not know. Or it "
        "was found with an app that ran when this resource first saw the space.",
        "Stop the app when it suits; or set resizePolicy to Immediate, which stops it at once for "
        "changes of instance, volume, file systems, image, lifecycle configuration and remote "
        "access. Correct the instance type, or ask with kubectl studio apply-now.",
    ),
    Reason.NOT_APPLIED: Explanation(
        "AWS accepted an update several times and still shows the old value. An app that was "
        "stopped for it runs again without it.",
        "Check the value in the spec: AWS may write it in another form.",
    ),
    Reason.VOLUME_CANNOT_SHRINK: Explanation(
        "The volume in AWS is larger than the spec declares. A volume never shrinks.",
        "Set spec.storage.sizeGiB to the volume's size or more.",
    ),
    Reason.IMAGE_REQUIRED: Explanation(
        "No SageMaker Distribution image is known for the region, and AWS starts no app without "
        "an image.",
        "Set spec.image.imageArn.",
    ),
    Reason.SHARED_SPACES_NOT_ENABLED: Explanation(
        "Shared spaces run with a role of the domain's defaultSpaceSettings, and there is none.",
        "Set spec.defaultSpaceSettings.executionRole on the StudioDomain.",
    ),
    Reason.APP_FAILED: Explanation(
        "AWS could not start the app, or it failed later. The space and its volume are kept. It is "
        "not started again unasked, except by the schedule. Where spec.state is left out, Ready "
        "stays True.",
        "Read AWS's words, then start it in Studio or with `kubectl studio start`.",
    ),
    Reason.LIFECYCLE_CONFIG_FAILED: Explanation(
        "The lifecycle configuration failed while the app started.",
        "Read its log in CloudWatch, group /aws/sagemaker/studio, and name a mended script in the "
        "field that the message names: the Space's own spec.lifecycleConfigArn, or the default of "
        "its UserProfile or StudioDomain. The app then starts by itself where AWS says which "
        "script it had, else with `kubectl studio start`.",
    ),
    Reason.START_DEADLINE_EXCEEDED: Explanation(
        "The app has been starting for longer than the deadline. It is still waited for.",
        "Look at the app in the SageMaker console.",
    ),
    Reason.UPDATE_FAILED: Explanation(
        "AWS took an update several times and failed to carry it out. A space is then updated with "
        "what it has, and its app runs again if it ran. Of a domain or profile, tags and later "
        "edits are carried out without it.",
        "Mend what AWS's words say; a change of the spec, or a new value of the annotation "
        "reconcile.studio-operator.dev/requested-at, tries again.",
    ),
    Reason.DELETION_FAILED: Explanation(
        "AWS could not delete what was to be deleted.",
        "Read AWS's words. What a resource here asked for is tried again; a deletion by others has "
        "to be asked for again in AWS.",
    ),
}
