"""What stands on the cluster, for a test that failed."""

from __future__ import annotations

from tests.kind.kubectl import Kubectl
from tests.kind.release import NAMESPACE, PODS

EVENT_LINES = 60
LOG_LINES = 60
QUESTIONS = (
    ("get", "studiodomains,userprofiles,spaces", "--all-namespaces", "--output", "wide"),
    ("get", "pods", "--all-namespaces", "--output", "wide"),
    ("get", "lease", "--namespace", NAMESPACE),
    ("get", "events", "--all-namespaces", "--sort-by=.metadata.creationTimestamp"),
    ("describe", "pods", "--namespace", NAMESPACE),
    ("logs", "--namespace", NAMESPACE, "--selector", PODS, "--prefix", f"--tail={LOG_LINES}"),
    (
        *("logs", "--namespace", NAMESPACE, "--selector", PODS, "--prefix"),
        *(f"--tail={LOG_LINES}", "--previous"),
    ),
)


def tell_story(kubectl: Kubectl) -> str:
    """Return resources, Pods, Events and logs; what can't be had is told as such."""
    told = []
    for question in QUESTIONS:
        answer = _ask(kubectl, question)
        told += [f"$ kubectl {' '.join(question)}", *answer.splitlines()[-EVENT_LINES:], ""]
    return "\n".join(told)


def _ask(kubectl: Kubectl, question: tuple[str, ...]) -> str:
    try:
        return kubectl(*question, seconds=30)
    except RuntimeError as error:  # the story of one failure must not end in another
        return str(error)
