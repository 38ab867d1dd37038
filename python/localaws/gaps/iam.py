"""IAM: the policies that AWS manages, such as AmazonS3FullAccess, from the first use of one.

moto knows them, but would read them at its start: a fifteenth of its memory, for accounts that
mostly have policies of their own.
"""

from __future__ import annotations

import json
import threading
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

from localaws.server.patching import change

_loading = threading.Lock()


@change(IAMBackend)
def attach_role_policy(moto: Any, self: Any, policy_arn: str, role_name: str) -> None:
    _load_managed_policies(self)
    moto(self, policy_arn, role_name)


@change(IAMBackend)
def attach_user_policy(moto: Any, self: Any, policy_arn: str, user_name: str) -> None:
    _load_managed_policies(self)
    moto(self, policy_arn, user_name)


@change(IAMBackend)
def attach_group_policy(moto: Any, self: Any, policy_arn: str, group_name: str) -> None:
    _load_managed_policies(self)
    moto(self, policy_arn, group_name)


@change(IAMBackend)
def get_policy(moto: Any, self: Any, policy_arn: str) -> Any:
    _load_managed_policies(self)
    return moto(self, policy_arn)


@change(IAMBackend)
def list_policies(moto: Any, self: Any, *args: Any, **settings: Any) -> Any:
    _load_managed_policies(self)
    return moto(self, *args, **settings)


def _load_managed_policies(backend: Any) -> None:
    with _loading:
        if backend.aws_managed_policies:
            return
        policies = [
            AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, data)
            for name, data in json.loads(aws_managed_policies_data).items()
        ]
        backend.managed_policies |= {policy.arn: policy for policy in policies}
        backend.aws_managed_policies = policies
