"""Every departure of the local AWS from stock moto: one module of probes per service."""

from departures import (  # noqa: F401  importing a module adds its departures
    application_auto_scaling,
    cloudwatch,
    eventbridge,
    iam,
    iam_roles,
    lambda_functions,
    requests,
    s3,
    sagemaker,
    sqs,
    states_language,
    step_functions,
    step_functions_api,
    step_functions_maps,
    step_functions_tasks,
)
from departures.registry import DEPARTURES as DEPARTURES
from departures.registry import Departure as Departure
from departures.registry import outcome as outcome
