"""Wrong values are refused before anything is installed, with a message that names the value."""

from __future__ import annotations

import dataclasses

import pytest
from studio_operator.engine.tuning import tuning_of
from studio_operator.kinds.space.features.backup.tuning import BackupTuning
from studio_operator.settings import PREFIX, Settings

from generators.chart import OF_THE_CHART, settings_schema
from tests.chart.helm import Helm, HelmError, Values, container_of, only

ROLE = "arn:aws:iam::111122223333:role/studio-operator"

REFUSED: dict[str, tuple[Values, str]] = {
    "nobody runs": ({"replicaCount": 0}, "at '/replicaCount': minimum: got 0, want 1"),
    "half an instance": ({"replicaCount": "two"}, "'/replicaCount': got string, want integer"),
    "a value that is not there": (
        {"replicas": 3},
        "additional properties 'replicas' not allowed",
    ),
    "one that is not there further down": (
        {"aws": {"accountId": "1"}},
        "at '/aws': additional properties 'accountId' not allowed",
    ),
    "namespaces as a text": (
        {"watchNamespaces": "team-a,team-b"},
        "at '/watchNamespaces': got string, want array",
    ),
    "a namespace of capitals": ({"watchNamespaces": ["Team-A"]}, "'/watchNamespaces/0': 'Team-A'"),
    "all namespaces as a star": ({"watchNamespaces": ["*"]}, "'/watchNamespaces/0': '*'"),
    "a namespace twice": ({"watchNamespaces": ["a", "a"]}, "items at 0 and 1 are equal"),
    "a region by its city": (
        {"aws": {"region": "Frankfurt"}},
        "aws.region is 'Frankfurt': must be the name of a region, such as eu-central-1",
    ),
    "a role by its name": (
        {"aws": {"roleArn": "studio-operator"}},
        "aws.roleArn is 'studio-operator': must be the ARN of an IAM role",
    ),
    "an endpoint without a scheme": (
        {"aws": {"endpointUrl": "simulator:5000"}},
        "aws.endpointUrl is 'simulator:5000': must be a URL, such as http://simulator:5000",
    ),
    "a role for a ServiceAccount that isn't ours": (
        {"aws": {"roleArn": ROLE}, "serviceAccount": {"create": False, "name": "mine"}},
        "annotate mine with eks.amazonaws.com/role-arn yourself, or let the chart make it",
    ),
    "no ServiceAccount at all": (
        {"serviceAccount": {"create": False}},
        "serviceAccount.name is empty: name the one to use",
    ),
    "an image with its tag": (
        {"image": {"repository": "registry.example/studio:1"}},
        "at '/image/repository'",
    ),
    "a price in words": (
        {"prices": {"regions": {"eu-central-1": {"volumeGiBMonth": "free"}}}},
        "at '/prices/regions/eu-central-1/volumeGiBMonth': 'free' does not match pattern",
    ),
    "a cluster id with a slash": ({"clusterId": "team/prod"}, "at '/clusterId'"),
    "half a digest": ({"image": {"digest": "sha256:abc"}}, "at '/image/digest'"),
    "a pull policy in small letters": ({"image": {"pullPolicy": "always"}}, "'IfNotPresent'"),
    "a setting that doesn't exist": (
        {"settings": {"restIntervall": 30}},
        "at '/settings': additional properties 'restIntervall' not allowed",
    ),
    "a setting by its variable": (
        {"settings": {"STUDIO_OPERATOR_WORKERS": 8}},
        "additional properties 'STUDIO_OPERATOR_WORKERS' not allowed",
    ),
    "a setting beyond its limit": (
        {"settings": {"restInterval": 0.5}},
        "at '/settings/restInterval': minimum: got 0.5, want 1",
    ),
    "a setting with its unit": (
        {"settings": {"restInterval": "30s"}},
        "at '/settings/restInterval': got string, want number",
    ),
    "a setting of the chart's own": (
        {"settings": {"healthPort": 9090}},
        "additional properties 'healthPort' not allowed",
    ),
    "a setting twice": (
        {"extraEnv": [{"name": "STUDIO_OPERATOR_WORKERS", "value": "8"}]},
        "extraEnv has STUDIO_OPERATOR_WORKERS: settings take the place of such variables",
    ),
    "the region twice": (
        {"aws": {"region": "eu-west-1"}, "extraEnv": [{"name": "AWS_DEFAULT_REGION"}]},
        "extraEnv has AWS_DEFAULT_REGION, which aws.region sets too",
    ),
    "a label that others are selected by": (
        {"podLabels": {"app.kubernetes.io/name": "x"}},
        "podLabels has app.kubernetes.io/name, which the chart sets itself",
    ),
    "no instance may ever go": (
        {"podDisruptionBudget": {"maxUnavailable": 0}},
        "at '/podDisruptionBudget/maxUnavailable': minimum: got 0, want 1",
    ),
    "status by everybody": (
        {"admission": {"statusGroups": ["system:authenticated"]}},
        "admission.statusGroups has system:authenticated, whose members are tenants too",
    ),
    "status by every ServiceAccount": (
        {"admission": {"statusGroups": ["system:serviceaccounts"]}},
        "admission.statusGroups has system:serviceaccounts, whose members are tenants too",
    ),
    "status by a pattern": (
        {"admission": {"statusUsers": ["system:serviceaccount:*:velero"]}},
        "each user and group is named in full, without a star",
    ),
    "status by one as a text": (
        {"admission": {"statusUsers": "velero"}},
        "at '/admission/statusUsers': got string, want array",
    ),
    "a place of back-ups that is none": (
        {"backupPlaces": ["studio-backups"]},
        "at '/backupPlaces/0': 'studio-backups' does not match pattern",
    ),
    "a tenant wanted where none may be read": (
        {"tenancy": {"required": True}, "watchNamespaces": ["ml-team"]},
        "tenancy.required is true, but with watchNamespaces the operator may read no StudioTenant",
    ),
    "root": ({"runAsUser": 0}, "at '/runAsUser': minimum: got 0, want 1"),
    "no way out": ({"networkPolicy": {"egressPorts": []}}, "at '/networkPolicy/egressPorts'"),
    "Prometheus, which nobody lets in": (
        {"metrics": {"serviceMonitor": {"enabled": True}}},
        "networkPolicy.metricsFrom lets nobody read the metrics: name Prometheus, such as",
    ),
    "a peer by its name": (
        {"networkPolicy": {"metricsFrom": ["monitoring"]}},
        "at '/networkPolicy/metricsFrom/0': got string, want object",
    ),
    "a peer that is everybody": (
        {"networkPolicy": {"metricsFrom": [{}]}},
        "at '/networkPolicy/metricsFrom/0': minProperties: got 0, want 1",
    ),
    "a peer with a member that no NetworkPolicy has": (
        {"networkPolicy": {"metricsFrom": [{"namespace": "monitoring"}]}},
        "at '/networkPolicy/metricsFrom/0': additional properties 'namespace' not allowed",
    ),
    "a block of addresses without its length": (
        {"networkPolicy": {"metricsFrom": [{"ipBlock": {"cidr": "10.0.0.1"}}]}},
        "at '/networkPolicy/metricsFrom/0/ipBlock/cidr'",
    ),
    "a log format": ({"log": {"format": "logfmt"}}, "at '/log/format'"),
    "an interval without a unit": (
        {"metrics": {"serviceMonitor": {"interval": "30"}}},
        "at '/metrics/serviceMonitor/interval'",
    ),
    "a spread with its own selector": (
        {
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "zone",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {},
                }
            ]
        },
        "at '/topologySpreadConstraints/0/labelSelector'",
    ),
}


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_wrong_value_is_refused_by_name(mistake: str, helm: Helm) -> None:
    values, message = REFUSED[mistake]
    with pytest.raises(HelmError) as refusal:
        helm.template(values)
    assert message in str(refusal.value)


def test_a_cluster_that_is_too_old_is_refused(helm: Helm) -> None:
    with pytest.raises(HelmError, match=r"requires kubeVersion: >=1\.31"):
        helm.template(options=["--kube-version", "1.30.9"])
    assert helm.template(options=["--kube-version", "v1.31.4-eks-1234567"])


def test_every_setting_reaches_the_operator(helm: Helm) -> None:
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(Settings)
        if field.name not in OF_THE_CHART
    }
    values = dict(zip(settings_schema(), defaults.values(), strict=True))
    env = container_of(helm.template({"settings": values}))["env"]
    given = {one["name"].removeprefix(PREFIX).lower() for one in env}
    assert given >= defaults.keys()
    read = Settings.from_environment({one["name"]: one["value"] for one in env})
    assert {name: getattr(read, name) for name in defaults} == defaults


@pytest.mark.parametrize("is_required", [True, False])
def test_whether_a_tenant_is_required_reaches_the_operator(helm: Helm, is_required: bool) -> None:
    env = container_of(helm.template({"tenancy": {"required": is_required}}))["env"]
    settings = Settings.from_environment({one["name"]: one["value"] for one in env})
    assert tuning_of(settings).tenancy_required is is_required


def test_the_places_of_back_ups_reach_the_operator(helm: Helm) -> None:
    places = ["s3://studio-backups", "s3://team-b/*/spaces"]
    env = container_of(helm.template({"backupPlaces": places}))["env"]
    settings = Settings.from_environment({one["name"]: one["value"] for one in env})
    assert tuning_of(settings).of(BackupTuning).places == tuple(places)


def test_the_owners_of_buckets_reach_the_operator(helm: Helm) -> None:
    owners = {"studio-backups": "444455556666", "team-b.backups": "777788889999"}
    env = container_of(helm.template({"backupBucketOwners": owners}))["env"]
    settings = Settings.from_environment({one["name"]: one["value"] for one in env})
    assert dict(tuning_of(settings).of(BackupTuning).bucket_owners) == owners


def test_the_lease_has_the_name_that_the_role_grants(helm: Helm) -> None:
    manifests = helm.template({"fullnameOverride": "two-of-them", "crds": {"install": False}})
    variables = {one["name"]: one["value"] for one in container_of(manifests)["env"]}
    settings = Settings.from_environment(variables)
    (role,) = [
        one
        for one in manifests
        if one["kind"] == "Role" and one["metadata"]["name"] == "two-of-them-lease"
    ]
    assert role["rules"][1]["resourceNames"] == [settings.lease_name]


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [
        ("", 443),
        ("https://vpce-1.sagemaker.eu-central-1.vpce.amazonaws.com", 443),
        ("http://simulator", 80),
        ("http://simulator.aws.svc:5000/", 5000),
    ],
)
def test_the_network_policy_lets_out_to_the_endpoint(endpoint: str, port: int, helm: Helm) -> None:
    policy = only(helm.template({"aws": {"endpointUrl": endpoint}}), "NetworkPolicy")
    open_ports = {one["port"] for rule in policy["spec"]["egress"] for one in rule["ports"]}
    assert port in open_ports
