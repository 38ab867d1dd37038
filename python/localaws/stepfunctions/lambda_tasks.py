"""Tasks that invoke functions: asynchronous calls, and the error that a function returned.

A task with a function's ARN passes the error on as the function wrote it; lambda:invoke rewrites
it as compact JSON.
"""

from __future__ import annotations

import json
from typing import Any

from moto.stepfunctions.parser.api import InvocationResponse
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import (
    LambdaFunctionErrorException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_lambda,
)
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.utilities.collections import select_from_typed_dict

from localaws.json_object import JsonObject
from localaws.server.patching import Account, change


def install(_account: Account) -> None:
    parameters = state_task_service_lambda._SUPPORTED_API_PARAM_BINDINGS["invoke"]
    parameters.add("InvocationType")


@change(lambda_eval_utils)
def execute_lambda_function_integration(
    _moto: Any,
    env: Any,
    parameters: JsonObject,
    region: str,
    state_credentials: Any,
) -> None:
    client: Any = boto_client_for(
        service="lambda", region=region, state_credentials=state_credentials
    )
    response = client.invoke(**parameters)
    text = response["Payload"].read().decode()
    if "FunctionError" in response:
        raise LambdaFunctionErrorException(response["FunctionError"], text)
    response["Payload"] = _parsed(text)
    env.stack.append(select_from_typed_dict(InvocationResponse, response))


@change(state_task_service_lambda.StateTaskServiceLambda)
def _from_error(moto: Any, self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, LambdaFunctionErrorException):
        payload = _parsed(ex.payload)
        ex = LambdaFunctionErrorException(ex.function_error, to_json_str(payload))
    return moto(self, env, ex)


def _parsed(text: str) -> Any:
    """The payload as JSON; an asynchronous call returns none, which is empty text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
