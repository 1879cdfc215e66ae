"""Where every request enters: the control API, SageMaker Studio, the tagging API, else moto.

Calls of AWS operations are logged, throttled, struck by faults and stopped at barriers here,
whoever carries them out. Whatever goes wrong is answered in the service's protocol, since some
clients cannot read anything else.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from studio_simulator.errors import ServiceError
from studio_simulator.moto import s3_calls, tagging_api
from studio_simulator.operations.catalogue import OPERATIONS, TAG_OPERATIONS
from studio_simulator.operations.tagging import find_tags
from studio_simulator.requests import service_model
from studio_simulator.requests.call_log import SUCCESS, CallRecord
from studio_simulator.requests.calls import Call, call_of
from studio_simulator.requests.control import Control
from studio_simulator.requests.faults import LONGEST_HANG, Fault
from studio_simulator.requests.holding import hold
from studio_simulator.requests.validation import check_input
from studio_simulator.requests.web import Answer, Request, json_answer
from studio_simulator.simulator import Simulator
from studio_simulator.state.late_failures import failing
from studio_simulator.state.studio import Studio

LOGGER = logging.getLogger(__name__)
CONTROL_PREFIX = "/studio-api"
Moto = Callable[[Request], Answer]


class UnansweredError(Exception):
    """The connection is to be closed without an answer; the argument says why, for the log."""


class FrontDoor:
    """Answers requests, from any number of threads.

    Args:
        simulator: the state.
        moto: answers everything that is not Studio's.

    """

    def __init__(self, simulator: Simulator, moto: Moto) -> None:
        self._simulator = simulator
        self._moto = moto
        self._control = Control(simulator)

    def answer(self, request: Request) -> Answer | None:
        """Return the answer, or None to close the connection without one."""
        try:
            if request.path.startswith(CONTROL_PREFIX):
                return self._control.answer(request)
            call = call_of(request)
            if call is None:
                return self._moto(request)
            return self._answer_call(request, call)
        except ServiceError as error:
            return error_answer(error)
        except Exception:
            LOGGER.exception("Failed to answer %s %s", request.method, request.target)
            return error_answer(ServiceError("InternalFailure", "The simulator itself failed."))

    def _answer_call(self, request: Request, call: Call) -> Answer | None:
        started = time.perf_counter()
        simulator = self._simulator
        record = simulator.log.begin(
            simulator.clock.now(), call.service, call.operation, call.place, call.parameters
        )
        code, message = "InternalFailure", None
        answer: Answer | None
        try:
            answer = self._pass_through(request, call, record)
            code, message = _outcome(answer)
        except ServiceError as error:
            code, message = error.code, error.message
            is_s3 = call.service == s3_calls.SERVICE
            answer = s3_calls.error_answer(error) if is_s3 else error_answer(error)
        except UnansweredError as reason:
            code, answer = str(reason), None
        finally:
            simulator.log.finish(record, code, message, time.perf_counter() - started)
        return answer

    def _pass_through(self, request: Request, call: Call, record: CallRecord) -> Answer:
        simulator, operation = self._simulator, call.operation
        if call.service != s3_calls.SERVICE:  # which has limits of its own, by prefix
            simulator.throttle.take(call.service, operation, call.place)
        fault = simulator.faults.strike(operation, call.parameters)
        if fault is not None:
            _strike_before(fault, request)
        # The log keeps what was asked; validation may drop null members from it later.
        stop = (record.number, operation, dict(call.parameters))
        if not simulator.barriers.pass_by("before", stop, request.is_client_gone):
            raise UnansweredError("dropped")
        answer = self._carry_out(request, call, record, fault)
        if not simulator.barriers.pass_by("after", stop, request.is_client_gone):
            raise UnansweredError("dropped-after")
        if fault is not None and fault.request.mode == "lost-answer":
            raise fault.error()
        if fault is not None and fault.request.mode == "lost-connection":
            raise UnansweredError("lost")
        return answer

    def _carry_out(
        self, request: Request, call: Call, record: CallRecord, fault: Fault | None
    ) -> Answer:
        if call.service == "sagemaker":
            answer = self._sagemaker(request, call, fault)
        elif call.service == tagging_api.SERVICE and call.operation == "GetResources":
            _require_signature(call)
            answer = json_answer(tagging_api.get_resources(call.place, call.parameters))
        else:
            if call.service == s3_calls.SERVICE:
                s3_calls.check_owner(request, call.parameters)
            answer = self._moto(request)
        record.carried_out = True
        return answer

    def _sagemaker(self, request: Request, call: Call, fault: Fault | None) -> Answer:
        operation = OPERATIONS.get(call.operation)
        studio = self._studio(call)
        is_motos = call.operation in TAG_OPERATIONS and _is_only_motos(studio, call.parameters)
        if operation is None or is_motos:
            if call.operation not in service_model.operation_names("sagemaker"):
                raise ServiceError("UnknownOperationException", f"No operation {call.operation}.")
            with studio.lock:
                return self._moto(request)
        check_input("sagemaker", call.operation, call.parameters)
        if fault is not None and fault.request.mode == "fail-later":
            operation = failing(operation, call.operation, fault.request.message)
        result = studio.run(operation, call.parameters)
        return json_answer({name: value for name, value in result.items() if value is not None})

    def _studio(self, call: Call) -> Studio:
        _require_signature(call)
        try:
            return self._simulator.studio(*call.place)
        except KeyError as error:
            raise ServiceError(
                "InvalidSignatureException", "Credential should be scoped to a valid region."
            ) from error


def _require_signature(call: Call) -> None:
    if call.region is None:
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")


def _is_only_motos(studio: Studio, parameters: dict[str, Any]) -> bool:
    """Return whether tags are asked for of something that moto's backend holds."""
    arn = parameters.get("ResourceArn")
    if not isinstance(arn, str):
        return False
    kind = arn.rpartition(":")[2].partition("/")[0]
    studios = {"domain", "user-profile", "space", "app", "studio-lifecycle-config"}
    with studio.lock:
        is_known = find_tags(studio, arn) is not None
    return not is_known and kind not in studios and studio.region in arn


def _strike_before(fault: Fault, request: Request) -> None:
    if fault.request.delay_seconds:
        hold(fault.withdrawn, request.is_client_gone, fault.request.delay_seconds)
    if fault.request.mode == "hang":
        hold(fault.withdrawn, request.is_client_gone, LONGEST_HANG)
        raise UnansweredError("hung")
    if fault.request.mode == "before" and fault.request.code is not None:
        raise fault.error()


def error_answer(error: ServiceError) -> Answer:
    """Return an error as the JSON protocol puts it."""
    return json_answer(
        {"__type": error.code, "Message": error.message, "message": error.message}, error.status
    )


def _outcome(answer: Answer) -> tuple[str, str | None]:
    """Return an answer's code and message, moto's answers included."""
    if answer.status < 400:
        return SUCCESS, None
    try:
        content = json.loads(answer.body)
        return str(content["__type"]).rpartition("#")[2], content.get("message")
    except (ValueError, KeyError, TypeError):
        return s3_calls.outcome(answer)
