"""A client of the control API, for tests and demos.

Every method is one request, and returns what the control API answers; shapes are in the README.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import urllib3

Json = dict[str, Any]
LONGEST_POLL = 30.0


class ControlError(Exception):
    """The control API refused a request; the message says why."""


class SimulatorClient:
    """Steers a simulator over HTTP. Safe to use from several threads.

    Args:
        url: where the simulator listens, for example ``http://127.0.0.1:5000``.

    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = urllib3.PoolManager(maxsize=8, retries=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.clear()

    def _ask(self, method: str, path: str, body: Json | None = None, **query: Any) -> Json:
        asked = {name: value for name, value in query.items() if value is not None}
        fields = f"?{urlencode(asked)}" if asked else ""
        answer = self._http.request(
            method, f"{self.url}/studio-api{path}{fields}", body=json.dumps(body or {})
        )
        content: Json = json.loads(answer.data)
        if answer.status != 200:
            raise ControlError(content.get("error", f"HTTP status {answer.status}"))
        return content

    # The whole

    def health(self) -> Json:
        """Return ``{"status": "ok"}`` if the simulator is there."""
        return self._ask("GET", "/health")

    def reset(self) -> None:
        """Forget everything and return to the settings of the start."""
        self._ask("POST", "/reset")

    def state(self) -> Json:
        """Return all resources by kind, without a call in the log."""
        return self._ask("GET", "/state")

    # Calls

    def calls(
        self,
        operation: str | None = None,
        code: str | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[Json]:
        """Return the calls so far, oldest first; ``after`` is a call's number."""
        query: Json = {"operation": operation, "code": code, "after": after, "limit": limit}
        calls: list[Json] = self._ask("GET", "/calls", **query)["calls"]
        return calls

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how often each operation ended in each code; success is ``OK``."""
        return self._ask("GET", "/calls/counts")

    def count(self, operation: str | None = None, code: str | None = None) -> int:
        """Return how many calls there were, of one operation or code or of all."""
        return sum(
            times
            for counted, codes in self.counts().items()
            for ended, times in codes.items()
            if operation in {None, counted} and code in {None, ended}
        )

    def clear_calls(self) -> None:
        """Forget the calls so far."""
        self._ask("POST", "/calls/clear")

    # Faults and barriers

    def add_fault(self, operation: str, **fault: Any) -> int:
        """Put a fault in force and return its id.

        Args:
            operation: its name, or a pattern such as ``Create*``.
            **fault: code, message, status, rate, times, delay_seconds, mode, parameters.

        """
        added = self._ask("POST", "/faults", {"operation": operation, **fault})
        return int(added["id"])

    def refuse_credentials(
        self,
        code: str = "ExpiredTokenException",
        message: str = "The security token included in the request is expired",
        **fault: Any,
    ) -> int:
        """Let AWS refuse every call for the caller's credentials; return the fault's id.

        Args:
            code: such as UnrecognizedClientException or InvalidSignatureException.
            message: AWS's words.
            **fault: as for ``add_fault``: times, rate, and so on.

        """
        return self.add_fault("*", code=code, message=message, **fault)

    def faults(self) -> list[Json]:
        """Return the faults in force and those that are spent."""
        faults: list[Json] = self._ask("GET", "/faults")["faults"]
        return faults

    def remove_faults(self, fault: int | None = None) -> int:
        """Take one fault away, or all; return how many that were."""
        path = "/faults" if fault is None else f"/faults/{fault}"
        return int(self._ask("DELETE", path)["removed"])

    def add_barrier(self, operation: str, position: str = "before", **barrier: Any) -> int:
        """Let the next matching call wait ``before`` or ``after`` it is carried out.

        Args:
            operation: its name, or a pattern.
            position: where it waits.
            **barrier: parameters, on_disconnect, timeout_seconds.

        Returns:
            The barrier's id.

        """
        asked = {"operation": operation, "position": position, **barrier}
        return int(self._ask("POST", "/barriers", asked)["id"])

    def barriers(self) -> list[Json]:
        """Return the barriers that are armed or at which a call waits."""
        barriers: list[Json] = self._ask("GET", "/barriers")["barriers"]
        return barriers

    def wait_for_barrier(self, seconds: float = 60.0) -> Json:
        """Wait until a call stands at a barrier, and return that barrier.

        Raises:
            TimeoutError: when none came in time.

        """
        left = seconds
        while left > 0:
            answer = self._ask("GET", "/barriers", wait=min(left, LONGEST_POLL))
            for barrier in answer["barriers"]:
                if barrier["waiting"]:
                    found: Json = barrier
                    return found
            left -= LONGEST_POLL
        raise TimeoutError(f"No call came to a barrier within {seconds} s")

    def release_barriers(self, operation: str = "*", *, drop: bool = False) -> int:
        """Let waiting calls go on and disarm the rest; return how many calls were waiting.

        ``drop`` keeps calls that wait ``before`` from ever being carried out.
        """
        asked = {"operation": operation, "drop": drop}
        return int(self._ask("POST", "/barriers/release", asked)["released"])

    # Time

    def now(self) -> float:
        """Return the simulated time, in seconds since the epoch."""
        return float(self._ask("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Jump forward by so many simulated seconds."""
        self._ask("POST", "/clock/advance", {"seconds": seconds})

    def restart_clock(self) -> None:
        """Return to the real time of day; the speed stays."""
        self._ask("POST", "/clock/restart")

    def set_speed(self, speed: float) -> None:
        """Let so many simulated seconds pass in a real one."""
        self._ask("PUT", "/speed", {"speed": speed})

    # Settings

    def settings(self, name: str) -> Json:
        """Return durations, options, quotas, capacity or throttling."""
        return self._ask("GET", f"/{name}")

    def set_durations(self, profile: str | None = None, **seconds: float) -> Json:
        """Set durations: all of a profile (``fast``, ``realistic``), single ones, or both."""
        chosen: Json = {"profile": profile} if profile is not None else {}
        return self._ask("PUT", "/durations", {**chosen, **seconds})

    def set_options(self, **options: str) -> Json:
        """Set options of undocumented behaviour."""
        return self._ask("PUT", "/options", options)

    def set_quotas(self, **quotas: Any) -> Json:
        """Set quotas; ``instance_types={"ml.g5.xlarge": 0}`` forbids one type."""
        return self._ask("PUT", "/quotas", quotas)

    def set_unavailable(self, *instance_types: str) -> Json:
        """Let these instance types, and no others, be out of capacity."""
        return self._ask("PUT", "/capacity", {"unavailable": list(instance_types)})

    def set_throttling(self, **classes: Json) -> Json:
        """Set token buckets: ``mutating={"rate": 1, "burst": 5}``, ``reading``, ``tagging``."""
        return self._ask("PUT", "/throttling", classes)

    # People

    def act(self, name: str, **details: Any) -> Json:
        """Do what a person does in the console; names and details are in the README."""
        return self._ask("POST", f"/acts/{name}", details)

    def stop_app(self, domain_id: str, space_name: str, **details: Any) -> Json:
        """Stop the space's app."""
        return self.act("stop-app", domain_id=domain_id, space_name=space_name, **details)

    def start_app(self, domain_id: str, space_name: str, **details: Any) -> Json:
        """Start the space's app; ``instance_type`` may be given."""
        return self.act("start-app", domain_id=domain_id, space_name=space_name, **details)

    def fail_app(self, domain_id: str, space_name: str, **details: Any) -> Json:
        """Let the space's app be Failed; ``reason`` may be given."""
        return self.act("fail-app", domain_id=domain_id, space_name=space_name, **details)

    def resize(self, domain_id: str, space_name: str, **details: Any) -> Json:
        """Change ``instance_type``, ``volume_size_in_gb``, ``idle_timeout_in_minutes``."""
        return self.act("resize", domain_id=domain_id, space_name=space_name, **details)

    def create_space(self, domain_id: str, space_name: str, owner: str, **details: Any) -> Json:
        """Create a space that no client knows of."""
        return self.act(
            "create-space", domain_id=domain_id, space_name=space_name, owner=owner, **details
        )

    def delete_space(self, domain_id: str, space_name: str, **details: Any) -> Json:
        """Delete a space with its app and its volume."""
        return self.act("delete-space", domain_id=domain_id, space_name=space_name, **details)

    def retag(
        self,
        resource_arn: str,
        tags: dict[str, str] | None = None,
        remove: list[str] | None = None,
    ) -> Json:
        """Set and remove tags of anything."""
        return self.act("retag", resource_arn=resource_arn, tags=tags or {}, remove=remove or [])

    def set_status(self, resource_arn: str, status: str) -> Json:
        """Let a job, an endpoint or a notebook instance of moto's be in a status."""
        return self.act("set-status", resource_arn=resource_arn, status=status)

    def call(self, operation: str, parameters: Json, **place: str) -> Json:
        """Carry out any operation behind the client's back; ``account``, ``region``."""
        return self.act("call", operation=operation, parameters=parameters, **place)

    # Other things in the account

    def add_foreign_resource(
        self, arn: str, tags: dict[str, str], resource_type: str | None = None
    ) -> Json:
        """Put a resource of another kind into the account that the ARN names."""
        asked = {"arn": arn, "tags": tags, "resource_type": resource_type}
        return self._ask("POST", "/foreign-resources", asked)

    def foreign_resources(self) -> list[Json]:
        """Return the resources that were put there."""
        found: list[Json] = self._ask("GET", "/foreign-resources")["foreignResources"]
        return found

    def remove_foreign_resources(self, arn: str | None = None) -> int:
        """Take one of them away, or all; return how many that were."""
        return int(self._ask("DELETE", "/foreign-resources", arn=arn)["removed"])
