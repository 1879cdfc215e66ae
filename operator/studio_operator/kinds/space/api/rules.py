"""CEL rules over several fields of a space: what goes together, and what AWS fixes for good."""

from __future__ import annotations

from studio_operator.api.common import fixed_rules, name_rules
from studio_operator.kinds.space.api.spec import SpaceSpec

# Instances with less than 8 GiB of memory take no remote access (Developer Guide, remote-access).
TOO_SMALL_FOR_REMOTE_ACCESS = (
    "ml.t3.medium",
    "ml.c5.large",
    "ml.c6i.large",
    "ml.c6id.large",
    "ml.c7i.large",
)

# What bounds the size is the volume that AWS shows, not the size declared before: a growth that AWS
# never made can be taken back, and a volume may have grown in Studio. A size that stays as it is
# passes always: rules at the root run on status writes too, and those must always be possible.
_VOLUME_RULE = (
    "!has(self.spec.storage) || !has(self.status) || !has(self.status.storageGiB) || "
    "(has(oldSelf.spec.storage) && "
    "oldSelf.spec.storage.sizeGiB == self.spec.storage.sizeGiB) || "
    "self.spec.storage.sizeGiB >= self.status.storageGiB",
    "a volume can grow but never shrink: spec.storage.sizeGiB must not be below status.storageGiB",
)

ROOT_RULES = (
    *name_rules(*SpaceSpec.names_in_aws),
    _VOLUME_RULE,
    *fixed_rules(SpaceSpec),
)
_IS_REMOTE = "has(self.remoteAccess) && self.remoteAccess == 'Enabled'"
_TOO_SMALL = ", ".join(f"'{one}'" for one in TOO_SMALL_FOR_REMOTE_ACCESS)
# Rules over several fields of the spec. Optional fields need `has` on both sides, so that a field
# can't be slipped in or dropped where its change is refused.
SPEC_RULES = (
    (
        "has(self.ownerRef) || self.app == 'JupyterServer'",
        "ownerRef is required: name the UserProfile that owns the space",
    ),
    (
        "self.app != 'JupyterServer' || (has(self.sharing) && self.sharing == 'Shared')",
        "JupyterServer (Classic) spaces must be Shared",
    ),
    (
        "self.app != 'JupyterServer' || !has(self.instanceType) || self.instanceType == 'system'",
        "JupyterServer (Classic) spaces run on instanceType system only",
    ),
    (
        "self.app != 'JupyterServer' || !(has(self.storage) || has(self.idleShutdown))",
        "JupyterServer (Classic) spaces live on the domain's EFS and know no idle shutdown: "
        "leave storage and idleShutdown out",
    ),
    (
        "self.app == 'JupyterLab' || !has(self.codeRepositories)",
        "only JupyterLab spaces have codeRepositories: leave them out",
    ),
    (
        "!has(self.backup) || !has(self.lifecycleConfigArn)",
        "backup runs as the space's lifecycle configuration: leave lifecycleConfigArn out, and "
        "let the domain run what it does",
    ),
    (
        "self.app != 'JupyterServer' || !has(self.backup)",
        "JupyterServer (Classic) spaces have no volume of their own: leave backup out",
    ),
    (
        "self.app != 'JupyterServer' || !has(self.remoteAccess)",
        "JupyterServer (Classic) spaces know no remoteAccess: leave it out",
    ),
    (
        f"!({_IS_REMOTE}) || !has(self.instanceType) || !(self.instanceType in [{_TOO_SMALL}])",
        "remoteAccess takes an instance with 8 GiB of memory or more: set instanceType to "
        "ml.t3.large or a larger type, or remoteAccess to Disabled",
    ),
    (
        f"!({_IS_REMOTE}) || !has(self.fallbackInstanceTypes) || "
        f"!self.fallbackInstanceTypes.exists(one, one in [{_TOO_SMALL}])",
        "remoteAccess takes instances with 8 GiB of memory or more: name only such in "
        "fallbackInstanceTypes, or set remoteAccess to Disabled",
    ),
    (
        "self.app == 'JupyterServer' || !has(self.instanceType) || self.instanceType != 'system'",
        "instanceType system is for JupyterServer only: give a type such as ml.t3.medium",
    ),
    (
        "has(self.instanceType) || !(has(self.fallbackInstanceTypes) || has(self.rollback))",
        "fallbackInstanceTypes and rollback go with instanceType",
    ),
    (
        "(has(self.resizePolicy) && self.resizePolicy == 'Window') == has(self.resizeWindow)",
        "resizePolicy Window and resizeWindow go together: give both or neither",
    ),
)
