"""Every other service on disk: what moto holds of it, pickled after each request that changes it.

Such a pickle fits the version of moto that wrote it. Another version starts without these services
(AccountFile.drop_services_of_another); `make apply` provisions them again, around the objects and
messages that have their own tables.
"""

from __future__ import annotations

import importlib
import io
import logging
import pickle
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from types import LambdaType
from typing import Any
from weakref import WeakValueDictionary

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import BaseResponse
from moto.logs.models import LogStream
from moto.sqs.models import Queue
from moto.stepfunctions.models import StateMachine, StateMachineVersion

from localaws.persistence import changes
from localaws.persistence.account_file import AccountFile
from localaws.server.patching import Closer, change
from localaws.stepfunctions.execution_names import Executions

# These have tables of their own, or hold nothing that is to last.
OWN_TABLES = {"s3"}
# Requests that change nothing, or only what has its own table or is not saved.
READING = (
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Search",
    "Simulate",
    "Test",
    "Validate",
)
DATA = {
    "ChangeMessageVisibility",
    "DeleteMessage",
    "DeleteMessageBatch",
    "Invoke",
    "InvokeAsync",
    "InvokeEndpoint",
    "Publish",
    "PublishBatch",
    "PutEvents",
    "PutLogEvents",
    "PutMetricData",
    "ReceiveMessage",
    "SendMessage",
    "SendMessageBatch",
    "SendTaskFailure",
    "SendTaskHeartbeat",
    "SendTaskSuccess",
    "StartExecution",
    "StartSyncExecution",
    "StopExecution",
}
# Services whose requests change others.
FAR_REACHING = {"cloudcontrol", "cloudformation", "resourcegroupstaggingapi"}
EVERYTHING = "everything"

# What is left out, by class: it has its own table, or is lost with the process (logs and metrics).
LEFT_OUT: dict[type, dict[str, Callable[[], Any]]] = {
    LogStream: {"events": list},
    Queue: {"_messages": list, "_pending_messages": set, "deleted_messages": set},
    StateMachine: {"executions": Executions},
    StateMachineVersion: {"executions": Executions},
}
LEFT_OUT_OF_BACKENDS = {"metrics", "metric_data", "aws_metric_data"}  # of CloudWatch

TRIES = 20

log = logging.getLogger(__name__)
Identity = tuple[str, str, str, str]  # module, class, account, region


def make_bare(kind: Any) -> Any:
    """Without a call of the constructor. Pickles name this function."""
    return kind.__new__(kind)


class Pickler(pickle.Pickler):
    """Other backends are references; locks and what LEFT_OUT names are made new."""

    def persistent_id(self, item: Any) -> Identity | None:
        return _identity(item) if isinstance(item, BaseBackend) else None

    def reducer_override(self, item: Any) -> Any:
        kind = type(item)
        if kind in MADE_NEW:
            return MADE_NEW[kind], ()
        if kind is WeakValueDictionary:
            return kind, (), None, None, iter(list(item.items()))
        if kind is defaultdict and isinstance(item.default_factory, LambdaType):
            # A lambda has no name to be found by, but what it makes has a class.
            return kind, (type(item.default_factory()),), None, None, iter(list(item.items()))
        if kind in LEFT_OUT:
            fresh = {name: make() for name, make in LEFT_OUT[kind].items()}
            return make_bare, (kind,), {**vars(item), **fresh}
        return NotImplemented


class Unpickler(pickle.Unpickler):
    def persistent_load(self, identity: Identity) -> BaseBackend:
        return _backend(identity)


MADE_NEW: dict[type, Callable[[], Any]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
    threading.Condition: threading.Condition,
}


def install(file: AccountFile) -> Closer:
    saved = SavedServices(file)
    saved.restore()
    changes.register("services", saved.save)

    @change(BaseResponse)
    def call_action(moto: Any, self: Any) -> Any:
        try:
            return moto(self)
        finally:
            service = _service_of(type(self))
            if service not in OWN_TABLES and _is_change(self._get_action() or ""):
                changes.note("services", EVERYTHING if service in FAR_REACHING else service)

    return lambda: saved.save([EVERYTHING])


class SavedServices:
    def __init__(self, file: AccountFile) -> None:
        self._file = file
        self._turn = threading.Lock()
        self._saved: dict[Identity, bytes] = {}

    def restore(self) -> None:
        for *identity, state in self._file.read("select * from service"):
            module, class_name, account_id, region = identity
            backend = _backend((module, class_name, account_id, region))
            vars(backend).update(Unpickler(io.BytesIO(state)).load())

    def save(self, services: Collection[str]) -> None:
        """Save the backends of these services, as far as they differ from what is saved."""
        with self._turn:
            for backend in _backends():
                service = _service_of(type(backend))
                if service in services or EVERYTHING in services:
                    self._save(backend)

    def _save(self, backend: BaseBackend) -> None:
        state = _pickle(backend)
        identity = _identity(backend)
        if state is None or self._saved.get(identity) == state:
            return
        self._file.write("insert or replace into service values (?, ?, ?, ?, ?)", *identity, state)
        self._saved[identity] = state


def _pickle(backend: BaseBackend) -> bytes | None:
    attributes = {
        name: value for name, value in vars(backend).items() if name not in LEFT_OUT_OF_BACKENDS
    }
    for _ in range(TRIES):
        stream = io.BytesIO()
        try:
            Pickler(stream).dump(attributes)
        except RuntimeError:  # another thread has added to a dict meanwhile
            continue
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            log.warning("%s is lost when the local AWS ends: %s", type(backend).__name__, error)
            return None
        return stream.getvalue()
    log.warning("%s changed all the time and was not saved", type(backend).__name__)
    return None


def _is_change(action: str) -> bool:
    return bool(action) and action not in DATA and not action.startswith(READING)


def _backends() -> Iterator[BaseBackend]:
    """Every backend that is in use, except those with their own tables."""
    for regions in list(BackendDict._instances):
        for accounts in list(regions.values()):
            for backend in list(accounts.values()):
                if _service_of(type(backend)) not in OWN_TABLES:
                    yield backend


def _service_of(kind: type) -> str:
    """Of a class in moto.sqs.models: "sqs"."""
    return kind.__module__.split(".")[1]


def _identity(backend: BaseBackend) -> Identity:
    kind = type(backend)
    return kind.__module__, kind.__name__, backend.account_id, backend.region_name


def _backend(identity: Identity) -> BaseBackend:
    module_name, class_name, account_id, region = identity
    module = importlib.import_module(module_name)
    kind = getattr(module, class_name)
    for accounts in vars(module).values():
        if isinstance(accounts, BackendDict) and accounts.backend is kind:
            return accounts[account_id][region]
    raise LookupError(f"{module_name} has no backends of {class_name}")
