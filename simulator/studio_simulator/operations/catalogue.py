"""Every SageMaker operation that the simulator itself carries out."""

from __future__ import annotations

from studio_simulator.operations import (
    apps,
    domains,
    lifecycle_configs,
    presigned_urls,
    spaces,
    tagging,
    user_profiles,
)
from studio_simulator.state.studio import Operation

OPERATIONS: dict[str, Operation] = {
    "CreateDomain": domains.create_domain,
    "DescribeDomain": domains.describe_domain,
    "UpdateDomain": domains.update_domain,
    "DeleteDomain": domains.delete_domain,
    "ListDomains": domains.list_domains,
    "CreateUserProfile": user_profiles.create_user_profile,
    "DescribeUserProfile": user_profiles.describe_user_profile,
    "UpdateUserProfile": user_profiles.update_user_profile,
    "DeleteUserProfile": user_profiles.delete_user_profile,
    "ListUserProfiles": user_profiles.list_user_profiles,
    "CreateSpace": spaces.create_space,
    "DescribeSpace": spaces.describe_space,
    "UpdateSpace": spaces.update_space,
    "DeleteSpace": spaces.delete_space,
    "ListSpaces": spaces.list_spaces,
    "CreateApp": apps.create_app,
    "DescribeApp": apps.describe_app,
    "DeleteApp": apps.delete_app,
    "ListApps": apps.list_apps,
    "CreatePresignedDomainUrl": presigned_urls.create_presigned_domain_url,
    "AddTags": tagging.add_tags,
    "DeleteTags": tagging.delete_tags,
    "ListTags": tagging.list_tags,
    "CreateStudioLifecycleConfig": lifecycle_configs.create_studio_lifecycle_config,
    "DescribeStudioLifecycleConfig": lifecycle_configs.describe_studio_lifecycle_config,
    "DeleteStudioLifecycleConfig": lifecycle_configs.delete_studio_lifecycle_config,
    "ListStudioLifecycleConfigs": lifecycle_configs.list_studio_lifecycle_configs,
}

TAG_OPERATIONS = {"AddTags", "DeleteTags", "ListTags"}
"""Those that moto carries out when the ARN is of something that only moto holds."""
