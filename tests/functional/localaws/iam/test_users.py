"""Users of the local AWS with keys of their own: their policies are enforced, in AWS's words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from accounts import Account
from botocore.config import Config
from botocore.exceptions import ClientError
from roles import document

ACCOUNT = "arn:aws:iam::123456789012"


def allow(action: str, resource: str, **fields: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **fields}


class User:
    """A user with an access key and a bucket of the same name, which holds the object "one"."""

    def __init__(self, account: Account) -> None:
        self.name = f"user-{uuid.uuid4().hex[:8]}"
        self.arn = f"{ACCOUNT}:user/{self.name}"
        self.iam = account.client("iam")
        self.iam.create_user(UserName=self.name)
        self.key = self.iam.create_access_key(UserName=self.name)["AccessKey"]
        self.bucket = f"arn:aws:s3:::{self.name}"
        self.s3 = account.client("s3")
        self.s3.create_bucket(Bucket=self.name)
        self.s3.put_object(Bucket=self.name, Key="one", Body=b"1")
        self._url = account.url

    def client(self, service: str, key: dict[str, str] | None = None) -> Any:
        key = key or self.key
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self._url,
            region_name="us-east-1",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}),
        )

    def grant(self, *statements: dict[str, Any]) -> None:
        self.iam.put_user_policy(
            UserName=self.name, PolicyName="grants", PolicyDocument=document(list(statements))
        )

    def read(self, name: str = "one") -> bytes:
        return bytes(self.client("s3").get_object(Bucket=self.name, Key=name)["Body"].read())

    def trusting_role(self, principal: str) -> str:
        trust = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        role = self.iam.create_role(
            RoleName=f"{self.name}-role", AssumeRolePolicyDocument=document([trust])
        )
        self.iam.put_role_policy(
            RoleName=f"{self.name}-role",
            PolicyName="grants",
            PolicyDocument=document([allow("s3:*", f"{self.bucket}/*")]),
        )
        return str(role["Role"]["Arn"])


@pytest.fixture
def user(account: Account) -> User:
    return User(account)


def refusal(request: Callable[[], Any]) -> tuple[str, str]:
    """Code and message of the error with which a request is refused."""
    with pytest.raises(ClientError) as refused:
        request()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_what_no_policy_allows_is_denied(user: User) -> None:
    sentence = f'User: {user.arn} is not authorized to perform: s3:GetObject on resource: "'
    assert refusal(user.read) == (
        "AccessDenied",
        f'{sentence}{user.bucket}/one" because no identity-based policy allows the '
        "s3:GetObject action",
    )
    with pytest.raises(ClientError, match=r"\(403\)"):
        user.client("s3").head_object(Bucket=user.name, Key="one")


@pytest.mark.parametrize(
    ("service", "request_name", "parameters", "code"),
    [
        ("lambda", "invoke", {"FunctionName": "f"}, "AccessDeniedException"),
        ("logs", "create_log_group", {"logGroupName": "g"}, "AccessDeniedException"),
        ("sqs", "create_queue", {"QueueName": "q"}, "AccessDenied"),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:1:t"}, "AuthorizationError"),
        ("iam", "list_roles", {}, "AccessDenied"),
    ],
)
def test_each_service_has_its_own_code(
    user: User, service: str, request_name: str, parameters: dict[str, str], code: str
) -> None:
    more = {"Message": "text"} if service == "sns" else {}
    request = getattr(user.client(service), request_name)
    assert refusal(lambda: request(**parameters, **more))[0] == code


def test_a_policy_allows_and_an_explicit_denial_counts_more(user: User) -> None:
    user.grant(allow("s3:Get*", f"{user.bucket}/*"))
    assert user.read() == b"1"
    denial = {"Effect": "Deny", "Action": "s3:*", "Resource": f"{user.bucket}/o*"}
    user.grant(allow("s3:*", "*"), denial)
    _, message = refusal(user.read)
    assert message.endswith('/one" with an explicit deny in an identity-based policy')


def test_only_who_may_list_a_bucket_learns_that_an_object_is_missing(user: User) -> None:
    user.grant(allow("s3:GetObject", f"{user.bucket}/*"))
    assert "s3:ListBucket on resource" in refusal(lambda: user.read("none"))[1]
    user.grant(allow("s3:GetObject", f"{user.bucket}/*"), allow("s3:ListBucket", user.bucket))
    assert refusal(lambda: user.read("none"))[0] == "NoSuchKey"


def test_the_policy_of_a_bucket_allows_a_user_too(user: User) -> None:
    statement = allow("s3:GetObject", f"{user.bucket}/*", Principal={"AWS": user.arn})
    user.s3.put_bucket_policy(Bucket=user.name, Policy=document([statement]))
    assert user.read() == b"1"
    statement["Principal"] = {"AWS": f"{ACCOUNT}:root"}
    user.s3.put_bucket_policy(Bucket=user.name, Policy=document([statement]))
    assert refusal(user.read)[0] == "AccessDenied", "the account leaves it to the user's policies"


def test_a_boundary_limits_what_policies_allow(user: User) -> None:
    boundary = user.iam.create_policy(
        PolicyName=user.name, PolicyDocument=document([allow("s3:ListBucket", "*")])
    )["Policy"]["Arn"]
    role = user.trusting_role(user.arn)
    user.iam.put_role_permissions_boundary(
        RoleName=f"{user.name}-role", PermissionsBoundary=boundary
    )
    assumed = user.client("sts").assume_role(RoleArn=role, RoleSessionName="visit")
    s3 = user.client("s3", assumed["Credentials"])
    message = refusal(lambda: s3.get_object(Bucket=user.name, Key="one"))[1]
    assert message.endswith("because no permissions boundary allows the s3:GetObject action")


def test_a_user_may_pass_only_the_roles_of_a_grant(user: User) -> None:
    role = user.trusting_role(user.arn)
    container = {"Image": "image"}
    user.grant(allow("sagemaker:CreateModel", "*"))
    message = refusal(
        lambda: user.client("sagemaker").create_model(
            ModelName=user.name, ExecutionRoleArn=role, PrimaryContainer=container
        )
    )[1]
    assert f"iam:PassRole on resource: {role} because" in message


def test_a_user_assumes_a_role_that_trusts_it(user: User) -> None:
    role = user.trusting_role(user.arn)
    policy = document([allow("s3:GetObject", f"{user.bucket}/o*")])
    assumed = user.client("sts").assume_role(RoleArn=role, RoleSessionName="visit", Policy=policy)[
        "Credentials"
    ]
    arn = f"arn:aws:sts::123456789012:assumed-role/{user.name}-role/visit"
    assert user.client("sts", assumed).get_caller_identity()["Arn"] == arn
    s3 = user.client("s3", assumed)
    assert s3.get_object(Bucket=user.name, Key="one")["Body"].read() == b"1"
    _, message = refusal(lambda: s3.get_object(Bucket=user.name, Key="two"))
    assert message.startswith(f"User: {arn} is not authorized to perform: s3:GetObject")
    assert message.endswith("because no session policy allows the s3:GetObject action")
    wrong = {**assumed, "SessionToken": "another"}
    assert refusal(user.client("sts", wrong).get_caller_identity)[0] == "InvalidClientTokenId"


@pytest.mark.parametrize("trusted", [f"{ACCOUNT}:root", f"{ACCOUNT}:user/another"])
def test_a_role_that_does_not_name_the_user_is_not_assumed_without_a_grant(
    user: User, trusted: str
) -> None:
    role = user.trusting_role(trusted)
    request = {"RoleArn": role, "RoleSessionName": "visit"}
    assert refusal(lambda: user.client("sts").assume_role(**request))[0] == "AccessDenied"
    user.grant(allow("sts:AssumeRole", role))
    if trusted.endswith(":root"):
        assert user.client("sts").assume_role(**request)["Credentials"]
    else:
        assert refusal(lambda: user.client("sts").assume_role(**request))[0] == "AccessDenied"


def test_a_deleted_key_is_not_the_administrators(user: User) -> None:
    user.grant(allow("*", "*"))
    assert user.read() == b"1"
    user.iam.delete_access_key(UserName=user.name, AccessKeyId=user.key["AccessKeyId"])
    assert refusal(user.read)[0] == "InvalidAccessKeyId"
    assert refusal(user.client("sqs").list_queues)[0] == "UnrecognizedClientException"


def test_any_other_credentials_are_the_administrators(user: User) -> None:
    others = {"AccessKeyId": "anything", "SecretAccessKey": "at all"}
    assert user.client("s3", others).get_object(Bucket=user.name, Key="one")["Body"].read() == b"1"
    assert user.client("sts", others).get_caller_identity()["Account"] == "123456789012"
