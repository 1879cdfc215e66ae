"""The control API, under ``/studio-api``: what tests and people use to steer the simulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from studio_simulator.errors import ServiceError, validation
from studio_simulator.moto.foreign import Foreign, foreign_resource
from studio_simulator.requests.barriers import BarrierRequest, Release
from studio_simulator.requests.faults import FaultRequest
from studio_simulator.requests.web import Answer, Request, json_answer
from studio_simulator.settings import PROFILES, Settings, durations_named
from studio_simulator.simulator import Simulator
from studio_simulator.state.acts import ACTS
from studio_simulator.state.snapshot import snapshot
from studio_simulator.state.studio import Studio

JSON_TYPE = "application/json"
LONGEST_WAIT = 60.0
Route = Callable[[Request, dict[str, Any]], Any]


class Control:
    """Answers the control API's requests."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", "/health"): lambda _request, _body: {"status": "ok"},
            ("GET", "/state"): lambda _request, _body: snapshot(simulator),
            ("POST", "/reset"): self._reset,
            ("GET", "/calls"): self._calls,
            ("GET", "/calls/counts"): lambda _request, _body: simulator.log.counts(),
            ("POST", "/calls/clear"): self._clear_calls,
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): self._remove_faults,
            ("GET", "/barriers"): self._barriers,
            ("POST", "/barriers"): self._add_barrier,
            ("POST", "/barriers/release"): self._release,
            ("GET", "/clock"): lambda _request, _body: self._clock(),
            ("POST", "/clock/advance"): self._advance,
            ("POST", "/clock/restart"): self._restart_clock,
            ("GET", "/speed"): lambda _request, _body: self._clock(),
            ("PUT", "/speed"): self._set_speed,
            ("PUT", "/durations"): self._set_durations,
            ("GET", "/foreign-resources"): self._foreign,
            ("POST", "/foreign-resources"): self._add_foreign,
            ("DELETE", "/foreign-resources"): self._remove_foreign,
        }
        for name in ("durations", "options", "quotas", "capacity", "throttling"):
            self._routes.setdefault(("GET", f"/{name}"), self._shower(name))
            self._routes.setdefault(("PUT", f"/{name}"), self._setter(name))

    def routes(self) -> list[tuple[str, str]]:
        """Return every method and path there is."""
        return [*self._routes, ("POST", "/acts/{act}"), ("DELETE", "/faults/{id}")]

    def answer(self, request: Request) -> Answer:
        """Return the answer: JSON, and what is wrong in ``error`` when the status is not 200."""
        path = request.path.removeprefix("/studio-api").rstrip("/")
        try:
            body = json.loads(request.body or b"{}")
            if not isinstance(body, dict):
                raise validation("The body must be a JSON object.")
            return json_answer(self._result(request, path, body), content_type=JSON_TYPE)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False)
            content: dict[str, Any] = {"error": str(error), "problems": problems}
        except ServiceError as error:
            content = {"error": error.message, "code": error.code}
        except (ValueError, TypeError) as error:
            content = {"error": str(error)}
        except LookupError:
            error_text = f"There is no {request.method} {request.path}."
            return json_answer({"error": error_text}, 404, JSON_TYPE)
        return json_answer(content, 400, JSON_TYPE)

    def _result(self, request: Request, path: str, body: dict[str, Any]) -> Any:
        if path.startswith("/acts/") and request.method == "POST":
            return self._act(path.removeprefix("/acts/"), body)
        if path.startswith("/faults/") and request.method == "DELETE":
            return {"removed": self._simulator.faults.remove(int(path.rpartition("/")[2]))}
        return self._routes[(request.method, path)](request, body)

    # The whole

    def _reset(self, _request: Request, _body: dict[str, Any]) -> Any:
        self._simulator.reset()
        return {"status": "ok"}

    # Calls

    def _calls(self, request: Request, _body: dict[str, Any]) -> Any:
        query = request.query
        records = self._simulator.log.records(
            operation=query.get("operation"),
            code=query.get("code"),
            after=int(query.get("after", 0)),
            limit=int(query.get("limit", 1000)),
        )
        return {"calls": [record.shown() for record in records]}

    def _clear_calls(self, _request: Request, _body: dict[str, Any]) -> Any:
        self._simulator.log.clear()
        return {"status": "ok"}

    # Faults and barriers

    def _faults(self, _request: Request, _body: dict[str, Any]) -> Any:
        return {"faults": [fault.shown() for fault in self._simulator.faults.all()]}

    def _add_fault(self, _request: Request, body: dict[str, Any]) -> Any:
        return self._simulator.faults.add(FaultRequest.model_validate(body)).shown()

    def _remove_faults(self, _request: Request, _body: dict[str, Any]) -> Any:
        return {"removed": self._simulator.faults.remove()}

    def _barriers(self, request: Request, _body: dict[str, Any]) -> Any:
        barriers = self._simulator.barriers
        seconds = min(float(request.query.get("wait", 0)), LONGEST_WAIT)
        waiting = barriers.wait_for_call(seconds)
        return {"waiting": waiting, "barriers": [barrier.shown() for barrier in barriers.all()]}

    def _add_barrier(self, _request: Request, body: dict[str, Any]) -> Any:
        return self._simulator.barriers.add(BarrierRequest.model_validate(body)).shown()

    def _release(self, _request: Request, body: dict[str, Any]) -> Any:
        return {"released": self._simulator.barriers.release(Release.model_validate(body))}

    # Time

    def _clock(self) -> Any:
        clock = self._simulator.clock
        return {"now": clock.now(), "speed": clock.speed}

    def _advance(self, _request: Request, body: dict[str, Any]) -> Any:
        self._simulator.clock.advance(float(body.get("seconds", 0)))
        return self._clock()

    def _restart_clock(self, _request: Request, _body: dict[str, Any]) -> Any:
        self._simulator.clock.restart(self._simulator.clock.speed)
        return self._clock()

    def _set_speed(self, _request: Request, body: dict[str, Any]) -> Any:
        self._simulator.clock.set_speed(float(body.get("speed", 1.0)))
        return self._clock()

    # Settings

    def _shower(self, name: str) -> Route:
        def show(_request: Request, _body: dict[str, Any]) -> Any:
            settings: Settings = getattr(self._simulator.configuration, name)
            return settings.model_dump(by_alias=True)

        return show

    def _setter(self, name: str) -> Route:
        show = self._shower(name)

        def change(request: Request, body: dict[str, Any]) -> Any:
            settings: Settings = getattr(self._simulator.configuration, name)
            settings.changed(body)
            return show(request, body)

        return change

    def _set_durations(self, request: Request, body: dict[str, Any]) -> Any:
        """Take a profile by name, single durations, or both."""
        configuration = self._simulator.configuration
        changes = dict(body)
        profile = changes.pop("profile", None)
        if profile is not None:
            if profile not in PROFILES:
                raise validation(f"profile must be one of {', '.join(PROFILES)}.")
            fresh = durations_named(profile)
            fresh.changed(changes)
            configuration.durations = fresh
        else:
            configuration.durations.changed(changes)
        return self._shower("durations")(request, body)

    # People and other things

    def _act(self, name: str, body: dict[str, Any]) -> Any:
        model, act = ACTS[name]
        checked = model.model_validate(body)
        studio = self._studio_of(checked)
        with studio.lock:
            studio.settle()
            result = act(studio, checked)
        return {key: value for key, value in result.items() if value is not None}

    def _studio_of(self, act: Any) -> Studio:
        """Return the Studio that an act is about: by its domain, its ARN, or as it says."""
        if hasattr(act, "domain_id"):
            found = [s for s in self._simulator.studios() if act.domain_id in s.domains]
            if not found:
                raise validation(f"Domain [{act.domain_id}] does not exist.")
            return found[0]
        if hasattr(act, "resource_arn"):
            _, _, _, region, account, *_ = act.resource_arn.split(":")
            return self._simulator.studio(account, region)
        return self._simulator.studio(act.account, act.region)

    def _foreign(self, _request: Request, _body: dict[str, Any]) -> Any:
        found = [
            {"arn": one.arn, "tags": one.tags, "resourceType": one.resource_type}
            for studio in self._simulator.studios()
            for one in list(studio.foreign.values())
        ]
        return {"foreignResources": found}

    def _add_foreign(self, _request: Request, body: dict[str, Any]) -> Any:
        resource, account, region = foreign_resource(Foreign.model_validate(body))
        studio = self._simulator.studio(account, region)
        with studio.lock:
            studio.foreign[resource.arn] = resource
        return {"arn": resource.arn, "resourceType": resource.resource_type}

    def _remove_foreign(self, request: Request, _body: dict[str, Any]) -> Any:
        arn = request.query.get("arn")
        removed = 0
        for studio in self._simulator.studios():
            with studio.lock:
                for key in [key for key in studio.foreign if arn in {None, key}]:
                    del studio.foreign[key]
                    removed += 1
        return {"removed": removed}
