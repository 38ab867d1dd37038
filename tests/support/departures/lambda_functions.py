"""What moto forgets of a Lambda function."""

from __future__ import annotations

from typing import Any

from accounts import Account
from deployed_functions import Functions

from departures.registry import departure


@departure(
    "LambdaFunction.__init__",
    "LambdaFunction.get_configuration",
    "LambdaFunction.update_configuration",
    answer=[
        {
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/own"},
            "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:first"},
            "TracingConfig": {"Mode": "PassThrough"},
            "EphemeralStorage": {"Size": 512},
            "KMSKeyArn": None,
        },
        {
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/own"},
            "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:second"},
            "TracingConfig": {"Mode": "Active"},
            "EphemeralStorage": {"Size": 1024},
            "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k",
        },
    ],
)
def a_function_keeps_its_settings_and_their_changes(account: Account) -> Any:
    functions = Functions(account)
    queue = "arn:aws:sqs:us-east-1:123456789012:"
    name = functions.deploy(
        "",
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "/own"},
        DeadLetterConfig={"TargetArn": queue + "first"},
    )
    answers = [functions.client.get_function_configuration(FunctionName=name)]
    functions.client.update_function_configuration(
        FunctionName=name,
        LoggingConfig={"LogFormat": "Text", "LogGroup": "/own"},
        DeadLetterConfig={"TargetArn": queue + "second"},
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024},
        KMSKeyArn="arn:aws:kms:us-east-1:123456789012:key/k",
    )
    answers.append(functions.client.get_function_configuration(FunctionName=name))
    settings = (
        "LoggingConfig",
        "DeadLetterConfig",
        "TracingConfig",
        "EphemeralStorage",
        "KMSKeyArn",
    )
    return [{setting: answer.get(setting) for setting in settings} for answer in answers]


@departure("LambdaBackend.put_function_event_invoke_config", answer=0)
def the_newest_event_invoke_config_applies(account: Account) -> Any:
    functions = Functions(account)
    name = functions.deploy("")
    for retries in (2, 0):
        functions.client.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=retries
        )
    return functions.client.get_function_event_invoke_config(FunctionName=name)[
        "MaximumRetryAttempts"
    ]
