"""Settings come from the environment, and a bad value says what is wrong with it."""

from __future__ import annotations

import dataclasses

import pytest
from studio_operator.settings import PREFIX, Settings, SettingsError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_every_setting_can_be_set_by_its_own_variable() -> None:
    for field in dataclasses.fields(Settings):
        default = field.default
        variable = PREFIX + field.name.upper()
        given = Settings.from_environment({variable: str(default).lower()})
        assert getattr(given, field.name) == default, variable


def test_a_value_is_read_in_the_type_of_its_setting() -> None:
    settings = Settings.from_environment(
        {"STUDIO_OPERATOR_REST_INTERVAL": "30", "STUDIO_OPERATOR_AWS_THREADS": "8"}
    )
    assert settings.rest_interval == 30.0
    assert settings.aws_threads == 8


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_environment({"STUDIO_OPERATOR_REST_INTERVAL": ""}) == Settings()


def test_variables_that_kubernetes_sets_for_a_service_of_our_name_are_no_error() -> None:
    environment = {
        "STUDIO_OPERATOR_SERVICE_HOST": "10.0.0.1",
        "STUDIO_OPERATOR_PORT": "tcp://10.0.0.1:80",
    }
    assert Settings.from_environment(environment) == Settings()


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("REST_INTERVAL", "1m", "'1m': must be a number of seconds from 1 to 86400, such as 60"),
        ("REST_INTERVAL", "0", "'0': must be a number of seconds from 1"),
        ("REST_INTERVAL", "nan", "'nan': must be a number of seconds"),
        ("REST_INTERVAL", "inf", "'inf': must be a number of seconds"),
        ("AWS_THREADS", "many", "'many': must be a whole number from 1 to 128, such as 32"),
        ("AWS_THREADS", "1.5", "'1.5': must be a whole number"),
        ("AWS_THREADS", "0", "'0': must be a whole number from 1"),
        ("MOVING_FRACTION", "2", "'2': must be a number from 0.01 to 1, such as 0.1"),
        ("CLUSTER_ID", "a/b", "'a/b': must be 1 to 63 letters, digits, dots, dashes and under"),
        ("CLUSTER_ID", "x" * 64, f"'{'x' * 64}': must be 1 to 63 letters"),
        ("CLUSTER_ID", "-prod", "'-prod': must be 1 to 63 letters"),
        ("CLUSTER_ID", "prod é", "'prod é': must be 1 to 63 letters"),
        ("RATE_FLOOR", "-1", "'-1': must be a number per second"),
    ],
)
def test_a_bad_value_names_the_variable_and_the_form_wanted(
    variable: str, value: str, message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({PREFIX + variable: value})
    assert str(caught.value).startswith(f"{PREFIX}{variable} is {message}")


def test_some_threads_are_left_for_changing_calls() -> None:
    with pytest.raises(SettingsError, match="must be below STUDIO_OPERATOR_AWS_THREADS"):
        Settings.from_environment({"STUDIO_OPERATOR_AWS_THREADS": "4"})
