"""The instance types that the AWS SDK knows."""

from __future__ import annotations

from studio_operator.aws.instance_types import known_instance_types


def test_they_are_those_of_apps_and_all_have_the_form_that_crds_admit() -> None:
    known = known_instance_types()
    assert {"system", "ml.t3.medium", "ml.g5.xlarge"} <= known
    assert len(known) > 100
    assert all(name == "system" or name.startswith("ml.") for name in known)
