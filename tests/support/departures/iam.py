"""What moto lacks of IAM."""

from __future__ import annotations

from typing import Any

from accounts import Account

from departures.registry import departure

S3 = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
LAMBDA = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole"


@departure("IAMBackend.attach_role_policy", answer=["AWSLambdaRole", "AmazonS3FullAccess"])
def a_policy_that_aws_manages_is_attached_to_a_role(account: Account) -> Any:
    iam = account.client("iam")
    iam.create_role(RoleName="managed", AssumeRolePolicyDocument="{}")
    for policy in (S3, LAMBDA):
        iam.attach_role_policy(RoleName="managed", PolicyArn=policy)
    attached = iam.list_attached_role_policies(RoleName="managed")["AttachedPolicies"]
    return sorted(policy["PolicyName"] for policy in attached)


@departure("IAMBackend.attach_user_policy", answer="AmazonS3FullAccess")
def a_policy_that_aws_manages_is_attached_to_a_user(account: Account) -> Any:
    iam = account.client("iam")
    iam.create_user(UserName="managed")
    iam.attach_user_policy(UserName="managed", PolicyArn=S3)
    [policy] = iam.list_attached_user_policies(UserName="managed")["AttachedPolicies"]
    return policy["PolicyName"]


@departure("IAMBackend.attach_group_policy", answer="AmazonS3FullAccess")
def a_policy_that_aws_manages_is_attached_to_a_group(account: Account) -> Any:
    iam = account.client("iam")
    iam.create_group(GroupName="managed")
    iam.attach_group_policy(GroupName="managed", PolicyArn=S3)
    [policy] = iam.list_attached_group_policies(GroupName="managed")["AttachedPolicies"]
    return policy["PolicyName"]


@departure("IAMBackend.get_policy", answer=["s3:*", "s3-object-lambda:*"])
def a_policy_that_aws_manages_can_be_read(account: Account) -> Any:
    iam = account.client("iam")
    version = iam.get_policy(PolicyArn=S3)["Policy"]["DefaultVersionId"]
    policy = iam.get_policy_version(PolicyArn=S3, VersionId=version)["PolicyVersion"]
    return policy["Document"]["Statement"][0]["Action"]


@departure("IAMBackend.list_policies", answer=True)
def the_policies_that_aws_manages_are_listed(account: Account) -> Any:
    pages = account.client("iam").get_paginator("list_policies").paginate(Scope="AWS")
    return any(policy["Arn"] == S3 for page in pages for policy in page["Policies"])
