"""Every departure from moto: present in the local AWS, absent from stock moto.

Where the second assertion fails, moto has filled the gap itself: then remove our patch.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from accounts import Account, environment
from departures import DEPARTURES, Departure, outcome

LIST_PATCHES = """
import importlib
from localaws.server import patching, services
for name in services.PATCHES:
    importlib.import_module(f"localaws.{name}")
for owner, name in patching.FILLED + patching.CHANGED:
    print(f"{owner.__name__}.{name}")
"""
INVISIBLE_TO_CLIENTS = {
    # These seven are races between moto's threads.
    "BaseExecutionWorkerCommunication._reflect_execution_status",
    "Environment.set_error",
    "EvalComponent.heap_key",
    "Execution.status",
    "LambdaFunction.__deepcopy__",
    "ExecutionWorker._execution_logic",
    "ExecutionWorker.stop",
    # These two keep the server's log short.
    "EvalComponent._log_exception",
    "EvalComponent._log_failure_event_exception",
    # This is written as moto writes it, while everything else is written without spaces.
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda.to_json_str",
    # moto waits for up to a second more than it should.
    "WaitFunction._wait_interval",
    # These work something out once, or not at all, that moto works out again and again.
    "BaseResponse._get_action_from_method_and_request_uri",
    "DomainDispatcherApplication.get_backend_for_host",
    "SQSBackend.send_message",
    "StateMachineInstance.__init__",
    "StateMachine._handle_name_input_idempotency",
    "StepFunctionBackend.describe_execution",
    "moto.core.responses.method_names_from_class",
    "moto.stepfunctions.parser.asl.component.common.path.result_path.parse",
    "moto.stepfunctions.parser.asl.utils.json_path.parse",
}


@pytest.mark.parametrize(
    "departure", sorted(DEPARTURES, key=lambda departure: departure.spoils_stock), ids=str
)
def test_the_local_aws_departs_from_stock_moto(
    departure: Departure, account: Account, stock_account: Account
) -> None:
    assert outcome(departure.probe, account) == departure.answer
    assert outcome(departure.probe, stock_account) != departure.answer, (
        "moto fills this gap itself now: remove our patch"
    )


def test_every_patch_of_moto_has_a_departure() -> None:
    listing = subprocess.run(
        [sys.executable, "-c", LIST_PATCHES],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    patches = {patch for departure in DEPARTURES for patch in departure.patches}
    assert set(listing.stdout.split()) - INVISIBLE_TO_CLIENTS == patches
