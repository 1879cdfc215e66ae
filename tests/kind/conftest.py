"""Fixtures of the suite on a real cluster; `make test-kind` prepares what they need."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterator

import pytest
from kubernetes.client import ApiClient
from kubernetes.config import new_client_from_config
from studio_simulator.client import SimulatorClient

from tests.e2e.team import Tenant
from tests.kind.cleaning import ClusterInUseError, clean
from tests.kind.kubectl import Kubectl
from tests.kind.release import SUITE_LABEL, Release
from tests.kind.simulator import deployed_simulator
from tests.kind.story import tell_story
from tests.kind.suite import Suite, handed_over

MakeTenant = Callable[[], Tenant]

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def suite() -> Suite:
    """The prepared cluster."""
    found = handed_over()
    if found is None:
        pytest.exit("these tests need a cluster and images: run `make test-kind`", returncode=2)
    return found


@pytest.fixture(scope="session")
def kubectl(suite: Suite) -> Kubectl:
    """kubectl with the administrator's rights."""
    return Kubectl(suite.kubectl, suite.kubeconfig)


@pytest.fixture(scope="session")
def client(suite: Suite) -> Iterator[ApiClient]:
    """The administrator's client."""
    with new_client_from_config(suite.kubeconfig) as made:  # type: ignore[no-untyped-call]
        yield made


@pytest.fixture(scope="session")
def release(kubectl: Kubectl, client: ApiClient, suite: Suite) -> Iterator[Release]:
    """The chart's release, not installed yet, on a cluster that has nothing of ours."""
    release = Release(kubectl, suite.helm, suite.operator_image)
    try:
        clean(kubectl, client, release, wait=True)
    except ClusterInUseError as error:
        pytest.exit(str(error), returncode=2)
    release.prepare_namespace()
    yield release
    if not suite.disposable:
        clean(kubectl, client, release, wait=False)


@pytest.fixture(scope="session")
def simulator(release: Release, kubectl: Kubectl, suite: Suite) -> Iterator[SimulatorClient]:
    """The simulated AWS."""
    log = suite.folder / "proxy.log"
    with deployed_simulator(kubectl, suite.simulator_image, log) as client:
        yield client


@pytest.fixture
def operator(release: Release, simulator: SimulatorClient) -> Release:
    """The operator for all namespaces, two of it, ready."""
    release.ensure()
    return release


@pytest.fixture
def make_tenant(
    kubectl: Kubectl, client: ApiClient, simulator: SimulatorClient, release: Release
) -> Iterator[MakeTenant]:
    """Makes tenants with a namespace each and nothing in it yet."""
    tenants: list[Tenant] = []

    def make() -> Tenant:
        name = f"team-{uuid.uuid4().hex[:8]}"
        kubectl("create", "namespace", name)
        kubectl("label", "namespace", name, SUITE_LABEL)
        tenants.append(Tenant(client, simulator, name, release.logs))
        return tenants[-1]

    yield make
    simulator.release_barriers()
    for tenant in tenants:
        tenant.clear()
        kubectl("delete", "namespace", tenant.namespace, "--wait=false")


@pytest.fixture
def tenant(operator: Release, make_tenant: MakeTenant) -> Tenant:
    """A tenant whose domain and whose user profile alice are ready."""
    made = make_tenant()
    made.settle_in()
    return made


@pytest.fixture
def measured(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Takes a line with a figure, to be shown at the end of the run."""
    return pytestconfig.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the figures."""
    if figures := config.stash.get(FIGURES, []):
        terminalreporter.section("measured")
        for figure in figures:
            terminalreporter.line(figure)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of the cluster when a test or its preparation fails."""
    report = yield
    suite = handed_over()
    if report.failed and suite is not None:
        story = tell_story(Kubectl(suite.kubectl, suite.kubeconfig))
        report.sections.append(("the cluster", story))
    return report
