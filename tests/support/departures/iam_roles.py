"""What moto lacks of roles: that services act under them, and may do only what they allow."""

from __future__ import annotations

import json
from typing import Any

from accounts import Account
from botocore.exceptions import ClientError
from deployed_functions import zipped
from machines import Machines, distributed, machine, task
from roles import NOTHING, document, make_role

from departures.registry import departure


@departure("LambdaBackend.create_function", answer="InvalidParameterValueException")
def a_function_needs_a_role_that_trusts_lambda(account: Account) -> Any:
    return account.client("lambda").create_function(
        FunctionName="untrusted",
        Runtime="python3.12",
        Role=untrusting_role(account),
        Handler="app.handler",
        Code={"ZipFile": zipped("")},
    )["FunctionName"]


@departure("SageMakerResponse.create_model", answer="Could not access model data at s3://models/m")
def a_model_needs_a_role_that_may_read_it(account: Account) -> Any:
    role = make_role(account.client("iam"), "blind", NOTHING)
    container = {"Image": "image", "ModelDataUrl": "s3://models/m"}
    try:
        account.client("sagemaker").create_model(
            ModelName="blind", ExecutionRoleArn=role, PrimaryContainer=container
        )
    except ClientError as error:
        return error.response["Error"]["Message"].partition(".")[0]


@departure("SageMakerResponse.create_processing_job", answer="ValidationException")
def a_processing_job_needs_a_role_that_trusts_sagemaker(account: Account) -> Any:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    return account.client("sagemaker").create_processing_job(
        ProcessingJobName="untrusted",
        ProcessingResources={"ClusterConfig": cluster},
        AppSpecification={"ImageUri": "image"},
        RoleArn=untrusting_role(account),
    )["ProcessingJobArn"]


@departure("StepFunctionResponse.create_state_machine", answer="AccessDeniedException")
def a_state_machine_needs_a_role_that_trusts_step_functions(account: Account) -> Any:
    return account.client("stepfunctions").create_state_machine(
        name="untrusted",
        definition=json.dumps(machine(Pass={"Type": "Pass"})),
        roleArn=untrusting_role(account),
    )["stateMachineArn"]


@departure("StepFunctionResponse.update_state_machine", answer="AccessDeniedException")
def a_state_machine_needs_a_role_that_may_deliver_its_log(account: Account) -> Any:
    machines = Machines(account)
    role = make_role(account.client("iam"), "silent", NOTHING)
    arn = machines.make(machine(Pass={"Type": "Pass"}))
    group = {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:executions:*"}
    return machines.states.update_state_machine(
        stateMachineArn=arn,
        roleArn=role,
        loggingConfiguration={
            "level": "ALL",
            "destinations": [{"cloudWatchLogsLogGroup": group}],
        },
    )["updateDate"]


@departure(
    "STSBackend.get_caller_identity",
    "StateTask._eval_state_credentials",
    answer="arn:aws:sts::123456789012:assumed-role/states/states",
)
def a_task_acts_under_the_role_of_its_state_machine(account: Account) -> Any:
    look = task("aws-sdk:sts:getCallerIdentity", {})
    return json.loads(Machines(account).run(machine(Look=look)).get("output", "{}")).get("Arn")


@departure("StateMap._eval_execution", answer=True)
def a_map_reads_its_items_under_the_role_of_its_state_machine(account: Account) -> Any:
    account.client("s3").create_bucket(Bucket="listed")
    machines = Machines(account)
    reader = {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Parameters": {"Bucket": "listed"},
    }
    role = make_role(account.client("iam"), "blind", NOTHING)
    created = machines.states.create_state_machine(
        name="blind",
        definition=json.dumps(distributed(machine(Pass={"Type": "Pass"}), ItemReader=reader)),
        roleArn=role,
    )
    started = machines.states.start_execution(stateMachineArn=created["stateMachineArn"])
    execution = machines.wait_for_end(started["executionArn"])
    return "is not authorized to perform: s3:ListBucket" in execution.get("cause", "")


def untrusting_role(account: Account) -> str:
    iam = account.client("iam")
    owner = {"AWS": "arn:aws:iam::123456789012:root"}
    trust = document([{"Effect": "Allow", "Principal": owner, "Action": "sts:AssumeRole"}])
    try:
        created = iam.create_role(RoleName="untrusting", AssumeRolePolicyDocument=trust)
    except iam.exceptions.EntityAlreadyExistsException:
        created = iam.get_role(RoleName="untrusting")
    return str(created["Role"]["Arn"])
