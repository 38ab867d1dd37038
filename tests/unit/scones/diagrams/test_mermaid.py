import json

from paths import ROOT

from scones.diagrams.machine import parse
from scones.diagrams.mermaid import flowchart

STATES = ROOT / "states"

ORDERED = {
    "StartAt": "Weigh the parcel",
    "States": {
        "Weigh the parcel": {
            "Type": "Task",
            "Next": "Heavy?",
            "Catch": [{"ErrorEquals": ["NoScale", "NoParcel"], "Next": "Call for help"}],
        },
        "Heavy?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.kg", "NumericGreaterThan": 20, "Next": "Send a truck"},
                {"Not": {"Variable": "$.by", "StringEquals": "post"}, "Next": "Send a truck"},
            ],
            "Default": "Leave it",
        },
        "Send a truck": {"Type": "Task", "End": True},
        "Leave it": {"Type": "Succeed"},
        "Call for help": {"Type": "Fail"},
    },
}


def test_every_kind_of_state_and_edge_is_drawn() -> None:
    assert (
        flowchart(parse(ORDERED))
        == """\
flowchart TD
    start(["Start"])
    s1["Weigh the parcel"]
    s2{"Heavy?"}
    s3["Send a truck"]
    s4(["Leave it"])
    s5[["Call for help"]]
    done(["Done"])
    start --> s1
    s1 --> s2
    s1 -.->|"NoScale<br/>NoParcel"| s5
    s2 -->|"$.kg NumericGreaterThan 20"| s3
    s2 -->|"not ($.by StringEquals #quot;post#quot;)"| s3
    s2 -->|"otherwise"| s4
    s3 --> done
"""
    )


def test_conditions_are_joined_by_their_words() -> None:
    both = [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.b", "IsNull": False}]
    machine = {
        "StartAt": "Both?",
        "States": {
            "Both?": {"Type": "Choice", "Choices": [{"And": both, "Next": "Yes"}]},
            "Yes": {"Type": "Succeed"},
        },
    }
    assert '-->|"$.a IsPresent true and $.b IsNull false"| s2' in flowchart(parse(machine))


def test_markup_in_a_name_is_escaped() -> None:
    machine = {"StartAt": 'Say "<b>"#1', "States": {'Say "<b>"#1': {"Type": "Succeed"}}}
    assert 's1(["Say #quot;#lt;b#gt;#quot;#35;1"])' in flowchart(parse(machine))


def test_the_states_that_an_execution_entered_are_coloured() -> None:
    lines = flowchart(
        parse(ORDERED), {"Weigh the parcel": "caught", "Call for help": "failed"}
    ).splitlines()
    assert [line.strip() for line in lines if "class " in line] == [
        "class s1 caught",
        "class s5 failed",
    ]


def test_the_diagram_of_the_workflow_has_every_state_and_every_caught_error() -> None:
    definition = json.loads((STATES / "classify.asl.json").read_text())
    diagram = flowchart(parse(definition))
    for name, state in definition["States"].items():
        assert f'"{name}"' in diagram
        for catcher in state.get("Catch", []):
            assert "<br/>".join(catcher["ErrorEquals"]) in diagram


def test_the_architecture_page_shows_the_state_machine_as_it_is() -> None:
    definition = json.loads((STATES / "classify.asl.json").read_text())
    page = (STATES.parent / "docs" / "architecture.md").read_text()
    assert flowchart(parse(definition)).strip() in page
