"""Quotas on running apps, worded as AWS words an exceeded service limit."""

from __future__ import annotations

from studio_simulator.state.resources import App
from studio_simulator.state.studio import Studio

RUNNING = {"Pending", "InService"}


def exceeded_quota(studio: Studio, app: App) -> str | None:
    """Return what CreateApp answers when one more app is too many, or None."""
    quotas = studio.configuration.quotas
    if app.app_type == "JupyterServer":
        return None
    running = [other for other in studio.apps.values() if other.status in RUNNING]
    if quotas.running_apps is not None and len(running) >= quotas.running_apps:
        name = "Maximum number of running Studio apps allowed per account"
        return _message(name, quotas.running_apps, len(running), "Apps")
    limit = quotas.instance_types.get(app.instance_type, quotas.other_instance_types)
    if limit is None:
        return None
    same = sum(
        other.instance_type == app.instance_type and other.app_type == app.app_type
        for other in running
    )
    if same < limit:
        return None
    name = f"Studio {app.app_type} Apps running on {app.instance_type} instances"
    return _message(name, limit, same, "Instances")


def _message(name: str, limit: int, used: int, unit: str) -> str:
    return (
        f"The account-level service limit '{name}' is {limit} {unit}, with current utilization of "
        f"{used} {unit} and a request delta of 1 {unit}. Please use AWS Service Quotas to request "
        "an increase for this quota. If AWS Service Quotas is not available, contact AWS support "
        "to request an increase for this quota."
    )
