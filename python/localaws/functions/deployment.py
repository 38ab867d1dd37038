"""A function as it is deployed at one moment, and the environment of its sandboxes."""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Deployment:
    """Where any of this changes, new sandboxes are started."""

    account_id: str
    region: str
    name: str
    arn: str
    version: str
    role: str
    runtime: str
    handler: str
    memory_mb: int
    timeout: float
    environment: tuple[tuple[str, str], ...]
    code_sha256: str

    @classmethod
    def of(cls, function: Any) -> Deployment:
        environment = {name: str(value) for name, value in function.environment_vars.items()}
        return cls(
            account_id=function.account_id,
            region=function.region,
            name=function.function_name,
            arn=function.function_arn,
            version=str(function.version),
            role=function.role,
            runtime=function.run_time,
            handler=function.handler,
            memory_mb=int(function.memory_size),
            timeout=float(function.timeout),
            environment=tuple(sorted(environment.items())),
            code_sha256=sha256(function.code_bytes).hexdigest(),
        )

    @property
    def log_group(self) -> str:
        return f"/aws/lambda/{self.name}"

    def variables(
        self,
        code: Path,
        runtime: Path,
        log_stream: str,
    ) -> Mapping[str, str]:
        """The variables that the real runtime sets."""
        return {
            "TZ": ":UTC",
            "_HANDLER": self.handler,
            "LAMBDA_TASK_ROOT": str(code),
            "LAMBDA_RUNTIME_DIR": str(runtime),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": self.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        }

    def public_paths(self, code: Path, runtime: Path) -> Mapping[str, str]:
        """What the paths of this machine are called in the real runtime."""
        return {
            str(code): "/var/task",
            str(runtime): "/var/runtime",
            sysconfig.get_path("stdlib"): f"/var/lang/lib/{self.runtime}",
        }
