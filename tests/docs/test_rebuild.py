"""The page on rebuilt clusters: its commands are run, from the first id to a cluster without one.

One API server plays all clusters. What a new cluster lacks is taken away: the resources with their
uids, status and finalizers, and the Lease. That another uid of kube-system changes nothing else is
shown by `tests/e2e/test_rebuild.py`, with an API server for each cluster.
"""

from __future__ import annotations

import json

from tests.chart.helm import RELEASE
from tests.docs.installed import TEAM, Site
from tests.docs.pages import page, section
from tests.e2e.account import NAMESPACE
from tests.e2e.waiting import wait_until

PAGE = "how-to/rebuild-a-cluster.md"
PLACEHOLDER = "0b1c2d3e-kube-system-uid"
KINDS = "spaces,userprofiles,studiodomains"
STOPPED, RUNNING = "churn-notebooks", "feature-store"
CONFLICT = "OwnershipConflict"
SECONDS = 60.0


def steps(title: str) -> list[str]:
    """The blocks of commands below a heading, in order."""
    text = section(page(PAGE), title)
    blocks = [one.text for one in page(PAGE).blocks if one.language == "sh"]
    return [block for block in blocks if f"```sh\n{block}```" in text]


def domain_id(site: Site) -> str:
    path = "jsonpath={.status.domainId}"
    return site.kubectl("get", "studiodomain", "research", "-n", TEAM, "-o", path)


def stop_as_a_person(site: Site) -> None:
    """Somebody stops an app in Studio."""
    site.aws.stop_app(domain_id(site), STOPPED)
    site.kubectl(
        *("wait", f"space/{STOPPED}", "-n", TEAM, "--timeout=60s"),
        "--for=jsonpath={.status.phase}=Stopped",
    )


def lose_the_cluster(site: Site) -> None:
    """All that is in the cluster is gone, and nobody told AWS."""
    site.kill_operator()
    for one in json.loads(site.kubectl("get", KINDS, "-n", TEAM, "-o", "json"))["items"]:
        name = f"{one['kind'].lower()}/{one['metadata']['name']}"
        patch = '{"metadata":{"finalizers":null}}'
        site.kubectl("patch", name, "-n", TEAM, "--type=merge", "-p", patch)
        site.kubectl("delete", name, "-n", TEAM)
    site.kubectl("delete", "lease", RELEASE, "-n", NAMESPACE)


def reasons(site: Site) -> dict[str, str]:
    """The reason of Ready by kind and name."""
    items = json.loads(site.kubectl("get", KINDS, "-n", TEAM, "-o", "json"))["items"]
    return {
        f"{one['kind']}/{one['metadata']['name']}": condition["reason"]
        for one in items
        for condition in one.get("status", {}).get("conditions", ())
        if condition["type"] == "Ready"
    }


def wait_for_reasons(site: Site, domain: str, others: str) -> None:
    """The domain gives the one reason, the two people and two spaces in it the other."""
    expected = {
        "StudioDomain/research": domain,
        **dict.fromkeys(("UserProfile/alice", "UserProfile/bob"), others),
        **dict.fromkeys((f"Space/{STOPPED}", f"Space/{RUNNING}"), others),
    }
    wait_until(
        lambda: reasons(site) == expected,
        f"the domain gives {domain}, the others {others}",
        seconds=SECONDS,
        story=lambda: str(reasons(site)),
    )


def message(site: Site, resource: str) -> str:
    """The message of Ready."""
    path = 'jsonpath={.status.conditions[?(@.type=="Ready")].message}'
    return site.kubectl("get", resource, "-n", TEAM, "-o", path)


def wait_until_ready(site: Site) -> None:
    for kind in KINDS.split(","):
        site.kubectl("wait", kind, "--all", "-n", TEAM, "--for=condition=Ready", "--timeout=60s")


def restart_operator(site: Site) -> None:
    """What the rollout of a Deployment does where there are nodes."""
    site.stop_operator()
    site.run_operator()


def changes(site: Site) -> set[str]:
    """The operations that AWS was asked for and that change something."""
    return {
        call["operation"]
        for call in site.aws.calls()
        if not call["operation"].startswith(("Describe", "List", "Get", "Search"))
    }


def test_each_command_does_what_the_page_says(site: Site) -> None:
    own_id = site.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")
    stop_as_a_person(site)
    site.aws.clear_calls()

    set_id, move = steps("Before: give the cluster an id")
    site.shell(set_id)
    restart_operator(site)
    wait_for_reasons(site, CONFLICT, CONFLICT)
    for resource in reasons(site):
        assert "team-a-prod" in message(site, resource)
        assert own_id in message(site, resource)
    assert changes(site) == set()
    site.shell(move.replace(PLACEHOLDER, own_id))
    (*_, restart) = steps("The cluster is lost")
    site.shell(restart)
    restart_operator(site)
    wait_until_ready(site)

    lose_the_cluster(site)
    site.run_operator()
    site.apply()
    wait_until_ready(site)
    watch, show_and_move, _ = steps("The cluster is lost")
    assert "churn-notebooks" in site.shell(watch)

    lose_the_cluster(site)
    site.shell(set_id.replace("team-a-prod", "another"))
    site.run_operator()
    site.apply()
    wait_for_reasons(site, CONFLICT, "DependencyNotReady")
    assert "team-a-prod" in message(site, "StudioDomain/research")
    moved = show_and_move.replace(PLACEHOLDER, "team-a-prod")
    shown = site.shell(moved)
    assert f"another/{TEAM}/{STOPPED}/" in shown
    site.shell(restart)
    restart_operator(site)
    wait_until_ready(site)

    assert changes(site) == {"AddTags"}
    assert site.phases() == {"Stopped", "InService"}
    found = site.kubectl("get", "space", RUNNING, "-n", TEAM, "-o", "jsonpath={.status.phase}")
    assert found == "InService"
