"""Deployments of endpoints: each status lasts; a fleet serves until the next one is healthy."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import sagemaker_backends

from localaws.pace import Duration
from localaws.persistence import changes
from localaws.sagemaker import endpoint_status
from localaws.sagemaker.endpoint_status import (
    CREATING,
    DELETING,
    FAILED,
    IN_PROGRESS,
    IN_SERVICE,
    ROLLING_BACK,
    UPDATING,
)
from localaws.sagemaker.fleets import Fleet
from localaws.sagemaker.variant_server import NotServingError, Plan
from localaws.server.patching import Account

RESTORE_SECONDS = 30.0  # how long a start waits for the endpoints of the former process

log = logging.getLogger(__name__)


class Deployments:
    """`serving` is the fleet of every endpoint, by its ARN."""

    def __init__(self, account: Account) -> None:
        self.serving: dict[str, Fleet] = {}
        self._account = account
        self._lock = threading.Lock()
        self._coming: set[Fleet] = set()  # fleets that do not serve yet
        self._account_ends = threading.Event()

    def create(self, backend: Any, endpoint: Any) -> None:
        """Start the fleet of a new endpoint."""
        config = backend.endpoint_configs[endpoint.endpoint_config_name]
        endpoint_status.begin_deployment(endpoint, config)
        endpoint_status.publish(endpoint)
        self._start(self._deploy, backend, endpoint)

    def update(self, backend: Any, endpoint: Any, config: Any) -> None:
        """Start a fleet with another configuration; the former one serves meanwhile.

        Raises ValidationError where the endpoint cannot be updated now.
        """
        self._claim(endpoint, UPDATING)
        endpoint_status.begin_deployment(endpoint, config)
        endpoint_status.publish(endpoint)
        self._start(self._deploy, backend, endpoint)

    def delete(self, backend: Any, endpoint: Any) -> None:
        """Stop serving now; the endpoint exists until its deletion ends.

        Raises ValidationError where the endpoint cannot be deleted now.
        """
        self._claim(endpoint, DELETING)
        endpoint_status.publish(endpoint)
        self._start(self._delete, backend, endpoint)

    def restore(self) -> None:
        """Go on with what the former process did; wait for the endpoints that it served."""
        restored = []
        for _, _, backend in sagemaker_backends.iter_backends():
            for endpoint in list(backend.endpoints.values()):
                # An earlier version of the local AWS saved endpoints without it.
                vars(endpoint).setdefault("pending_deployment_summary", None)
                if endpoint.endpoint_status == CREATING:
                    self._start(self._deploy, backend, endpoint)
                elif endpoint.endpoint_status == DELETING:
                    self._start(self._delete, backend, endpoint)
                elif endpoint.endpoint_status != FAILED:
                    restored.append(self._start(self._restore, backend, endpoint))
        deadline = time.monotonic() + RESTORE_SECONDS
        for restoration in restored:
            restoration.join(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        self._account_ends.set()
        with self._lock:
            fleets = [*self.serving.values(), *self._coming]
        for fleet in fleets:
            fleet.kill()

    def _claim(self, endpoint: Any, status: str) -> None:
        with self._lock:  # of two simultaneous requests, one is refused
            if endpoint.endpoint_status in IN_PROGRESS:
                raise ValidationError(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            if endpoint.endpoint_status == FAILED and status == UPDATING:
                raise ValidationError(
                    f'Cannot update endpoint "{endpoint.arn}" in status Failed; delete it instead.'
                )
            endpoint.endpoint_status = status

    def _start(
        self,
        step: Callable[[Any, Any], None],
        backend: Any,
        endpoint: Any,
    ) -> threading.Thread:
        thread = threading.Thread(target=step, args=(backend, endpoint), daemon=True)
        thread.start()
        return thread

    def _deploy(self, backend: Any, endpoint: Any) -> None:
        """Go to the pending configuration, or back."""
        begun = time.monotonic()
        pending = endpoint.pending_deployment_summary
        config_name = pending["EndpointConfigName"] if pending else endpoint.endpoint_config_name
        fleet, reason = self._started_fleet(backend, endpoint, config_name)
        passed = time.monotonic() - begun
        if self._ends_within(Duration.ENDPOINT_FLEET.seconds - passed):
            return  # the next process goes on with what is saved
        if fleet:
            former = self._serve(endpoint, fleet)
            endpoint_status.describe_fleet(endpoint, fleet.plan)
            endpoint_status.change(endpoint, IN_SERVICE)
            if former:
                former.retire()
        elif endpoint.arn in self.serving:
            endpoint_status.change(endpoint, ROLLING_BACK, reason)
            if not self._ends_within(Duration.ENDPOINT_ROLLBACK.seconds):
                endpoint_status.change(endpoint, IN_SERVICE, reason)
        else:
            endpoint_status.change(endpoint, FAILED, reason)

    def _delete(self, backend: Any, endpoint: Any) -> None:
        fleet = self.serving.pop(endpoint.arn, None)
        if fleet:
            fleet.kill()
        if not self._ends_within(Duration.ENDPOINT_DELETION.seconds):
            del backend.endpoints[endpoint.endpoint_name]
            changes.save_service("sagemaker")

    def _restore(self, backend: Any, endpoint: Any) -> None:
        """Serve what the former process served, then go on with its update.

        An endpoint that was rolling back has rolled back.
        """
        interrupted = endpoint.pending_deployment_summary
        endpoint.endpoint_status = UPDATING
        fleet, reason = self._started_fleet(backend, endpoint, endpoint.endpoint_config_name)
        if self._account_ends.is_set():
            return
        if fleet is None:
            endpoint_status.change(endpoint, FAILED, reason)
            return
        self._serve(endpoint, fleet)
        if interrupted:
            self._start(self._deploy, backend, endpoint)
        else:
            endpoint_status.change(endpoint, IN_SERVICE, endpoint.failure_reason)

    def _started_fleet(
        self,
        backend: Any,
        endpoint: Any,
        config_name: str,
    ) -> tuple[Fleet | None, str]:
        """A healthy fleet, or why there is none."""
        config = backend.endpoint_configs.get(config_name)
        if config is None:
            return None, f'Could not find endpoint configuration "{config_name}".'
        plan = Plan(
            account_id=backend.account_id,
            region=backend.region_name,
            endpoint=endpoint.endpoint_name,
            config_name=config_name,
            variants=[dict(variant) for variant in config.production_variants],
            models=dict(backend._models),
            capture=dict(config.data_capture_config or {}),
        )
        fleet = Fleet(self._account, plan)
        with self._lock:
            self._coming.add(fleet)
        try:
            fleet.start()
        except NotServingError as error:
            reason = str(error)
        except Exception as error:
            log.exception("Endpoint %s", plan.endpoint)
            reason = f"Internal error: {error!r}"
        else:
            return fleet, ""
        with self._lock:
            self._coming.discard(fleet)
        return None, reason

    def _serve(self, endpoint: Any, fleet: Fleet) -> Fleet | None:
        """Send every invocation to `fleet` from now on. Returns the former one."""
        with self._lock:
            former = self.serving.get(endpoint.arn)
            self.serving[endpoint.arn] = fleet
            self._coming.discard(fleet)
        return former

    def _ends_within(self, seconds: float) -> bool:
        """Whether the account ends within these seconds; otherwise returns at their end."""
        return self._account_ends.wait(max(0.0, seconds))
