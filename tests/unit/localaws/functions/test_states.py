"""A function that is being created."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from moto.awslambda.exceptions import LambdaClientError

from localaws.functions import states


def test_a_function_is_not_invoked_before_it_is_created() -> None:
    pending = SimpleNamespace(active_at=time.time() + 600)
    with pytest.raises(LambdaClientError, match="following state: Pending") as refused:
        states.refuse_pending(pending)
    assert (refused.value.error_type, refused.value.code) == ("ResourceConflictException", 409)


@pytest.mark.parametrize("function", [SimpleNamespace(active_at=1.0), SimpleNamespace()])
def test_one_that_is_created_or_was_saved_without_its_time_is_invoked(
    function: SimpleNamespace,
) -> None:
    states.refuse_pending(function)
