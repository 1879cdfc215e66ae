"""Values that people install with, each under the name of who does."""

from __future__ import annotations

from tests.chart.helm import Values

PROMETHEUS = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
    "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
}
WITHOUT_CRDS: Values = {"crds": {"install": False}}

CASES: dict[str, Values] = {
    "out of the box": {},
    "EKS with IRSA": {
        "image": {"repository": "111122223333.dkr.ecr.eu-central-1.amazonaws.com/studio-operator"},
        "aws": {
            "region": "eu-central-1",
            "roleArn": "arn:aws:iam::111122223333:role/studio-operator",
        },
        "serviceAccount": {"annotations": {"eks.amazonaws.com/token-expiration": "3600"}},
    },
    "EKS with Pod Identity": {"aws": {"region": "us-gov-west-1"}},
    "one namespace": {"watchNamespaces": ["ml-team"]},
    "a cluster that is built anew from Git": {"clusterId": "team-a.prod_1"},
    "tenants, among them the namespaces it has other Roles in": {
        "watchNamespaces": ["team-a", "team-b", "kube-system", "studio-operator-system"],
        "crds": {"install": False},
    },
    "a single instance, without budget": {
        "replicaCount": 1,
        "podDisruptionBudget": {"enabled": False},
        "topologySpreadConstraints": [],
    },
    "a simulated AWS": {
        "aws": {"region": "eu-central-1", "endpointUrl": "http://simulator.aws.svc:5000"},
        "extraEnv": [{"name": "AWS_ACCESS_KEY_ID", "value": "testing"}],
        "image": {"tag": "dev", "pullPolicy": "Never"},
    },
    "prices of one's own": {
        "prices": {
            "currency": "EUR",
            "regions": {
                "eu-central-1": {
                    "instanceHour": {"ml.t3.medium": "0.058"},
                    "volumeGiBMonth": "0.13",
                }
            },
        },
        "podAnnotations": {"team": "platform"},
    },
    "a proxy, a private registry, traces": {
        "image": {
            "repository": "registry.example:5000/tools/studio",
            "digest": "sha256:" + 64 * "a",
        },
        "imagePullSecrets": [{"name": "registry"}],
        "extraEnv": [
            {"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"},
            {"name": "NO_PROXY", "valueFrom": {"configMapKeyRef": {"name": "net", "key": "no"}}},
        ],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ca", "readOnly": True}],
        "networkPolicy": {
            "egressPorts": [443],
            "extraEgress": [{"ports": [{"port": 3128, "protocol": "TCP"}]}],
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"team": "monitoring"}}}],
        },
    },
    "all of placement": {
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "ops", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["ops"]}]}
                    ]
                }
            }
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 2,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule",
                "minDomains": 2,
            }
        ],
        "priorityClassName": "system-cluster-critical",
        "podAnnotations": {"example.com/note": "1"},
        "podLabels": {"example.com/team": "platform"},
        "podDisruptionBudget": {"maxUnavailable": "50%"},
    },
    "monitoring": {
        "metrics": {
            "serviceMonitor": {"enabled": True, "interval": "1m", "labels": {"release": "prom"}},
            "prometheusRule": {"enabled": True, "labels": {"release": "prom"}},
            "dashboard": {"enabled": True, "annotations": {"grafana_folder": "SageMaker"}},
        },
        "networkPolicy": {"metricsFrom": [PROMETHEUS, {"ipBlock": {"cidr": "10.0.0.0/24"}}]},
    },
    "monitoring without a NetworkPolicy": {
        "metrics": {"serviceMonitor": {"enabled": True}},
        "networkPolicy": {"enabled": False},
    },
    "a cluster that chooses users": {"runAsUser": None, "networkPolicy": {"enabled": False}},
    "roles made by somebody else": {
        "rbac": {"create": False},
        "serviceAccount": {"create": False, "name": "made-by-terraform"},
    },
    "a back-up tool and rescue": {
        "admission": {
            "statusUsers": ["system:serviceaccount:velero:velero", 'it\'s "quoted" <b>'],
            "statusGroups": ["oidc:platform-admins", "system:masters"],
        }
    },
    "back-ups in a few places": {
        "backupPlaces": ["s3://studio-backups", "s3://team-b/*/spaces"],
    },
    "no admission policies": {
        "admission": {"protectStatus": False},
        "crds": {"install": True, "protect": False},
    },
    "settings": {
        "settings": {"restInterval": 30, "rateCeilingWrite": 20.5, "workers": 8},
        "log": {"format": "text", "verbose": True},
    },
    "long names": {"fullnameOverride": "s" * 57, "serviceAccount": {"name": "a" * 63}},
}
