from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.events import target_input

RULE = "arn:aws:events:us-east-1:123456789012:rule/r"
EVENT = {
    "source": "scones.workflow",
    "time": "2026-01-01T00:00:00Z",
    "detail-type": "Vehicle classified",
    "detail": {"label": 'a "bicycle"', "inferences": [0.9, 0.1]},
}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"a": 1}'}, {"a": 1}),
        ({"InputPath": "$.detail"}, EVENT["detail"]),
        ({"InputPath": "$.detail.inferences[1]"}, 0.1),
        ({"InputPath": "$.detail.none"}, None),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {
                        "label": "$.detail.label",
                        "all": "$.detail.inferences",
                        "kind": "$.detail-type",
                    },
                    "InputTemplate": '{"text": "A <label> in <all>", "label": <label>, '
                    '"all": <all>, "kind": "<kind>"}',
                }
            },
            {
                "text": 'A a "bicycle" in [0.9, 0.1]',
                "label": 'a "bicycle"',
                "all": [0.9, 0.1],
                "kind": "Vehicle classified",
            },
        ),
        (
            {
                "InputTransformer": {
                    "InputTemplate": '{"rule": "<aws.events.rule-arn>", '
                    '"event": <aws.events.event.json>}'
                }
            },
            {"rule": RULE, "event": EVENT},
        ),
    ],
)
def test_a_target_receives_the_input_that_it_is_configured_for(
    target: dict[str, Any], expected: Any
) -> None:
    assert json.loads(target_input.of_target(target, EVENT, RULE)) == expected
