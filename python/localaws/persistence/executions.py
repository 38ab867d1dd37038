"""Step Functions on disk: every ended execution, with its history. Running ones are lost."""

from __future__ import annotations

import pickle
import zlib
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    map_run_record,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackPoolManager
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)

from localaws.persistence.account_file import AccountFile, unpickle
from localaws.server.patching import change
from localaws.stepfunctions import status_changes

# Everything but what the execution ran with.
RUNNING_PARTS = {"exec_worker", "state_machine", "_cloud_watch_logging_session", "_activity_store"}


def install(file: AccountFile) -> None:
    """After the state machines have been restored."""
    for _, _, backend in stepfunctions_parser_backends.iter_backends():
        for machine in backend.state_machines:
            _restore_executions(file, machine)
    status_changes.on_end(lambda execution: save(file, execution))

    @change(StepFunctionsParserBackend)
    def create_state_machine(moto: Any, self: Any, name: str, *args: Any, **settings: Any) -> Any:
        known = list(self.state_machines)
        machine = moto(self, name, *args, **settings)
        if machine not in known:  # its executions are on disk where the services were dropped
            _restore_executions(file, machine)
        return machine

    @change(StepFunctionsParserBackend)
    def delete_state_machine(moto: Any, self: Any, arn: str) -> None:
        moto(self, arn)
        file.write("delete from execution where machine = ?", arn)


def save(file: AccountFile, execution: Any) -> None:
    if execution.state_machine.type == "EXPRESS":
        return  # it is not kept on AWS either
    attributes = {
        name: value for name, value in vars(execution).items() if name not in RUNNING_PARTS
    }
    history = execution.to_history_output()["events"]
    file.write(
        "insert or replace into execution values (?, ?, ?, ?)",
        execution.exec_arn,
        status_changes.machine_arn(execution),
        pickle.dumps(attributes),
        zlib.compress(pickle.dumps(history), 1),
    )


def _restore_executions(file: AccountFile, machine: Any) -> None:
    query = "select state from execution where machine = ? order by rowid"
    for (state,) in file.read(query, machine.arn):
        machine.executions.append(_restored(file, machine, state))


def _restored(file: AccountFile, machine: Any, state: bytes) -> Any:
    execution: Any = Execution.__new__(Execution)
    vars(execution).update(unpickle(state))
    execution.state_machine = machine
    execution._cloud_watch_logging_session = None
    execution._activity_store = {}
    # In the place of the worker that ran it: what requests ask an ended one for.
    execution.exec_worker = SimpleNamespace(
        stop=lambda **_: None,
        env=SimpleNamespace(
            event_manager=SimpleNamespace(
                get_event_history=lambda: _read_history(file, execution.exec_arn)
            ),
            callback_pool_manager=CallbackPoolManager(activity_store={}),
            map_run_record_pool_manager=map_run_record.MapRunRecordPoolManager(),
        ),
    )
    return execution


def _read_history(file: AccountFile, arn: str) -> Any:
    ((history,),) = file.read("select history from execution where arn = ?", arn)
    return unpickle(zlib.decompress(history))
