import itertools
import json
import xml.etree.ElementTree as ElementTree

from paths import ROOT

from scones.diagrams import svg
from scones.diagrams.layout import Box, lay_out
from scones.diagrams.machine import DONE, START, Machine, parse

STATES = ROOT / "states"
CLASSIFY = parse(json.loads((STATES / "classify.asl.json").read_text()))
SVG = "{http://www.w3.org/2000/svg}"
LOOP = parse(
    {
        "StartAt": "Ask",
        "States": {
            "Ask": {"Type": "Task", "Next": "There?"},
            "There?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Use"}],
                "Default": "Wait",
            },
            "Wait": {"Type": "Wait", "Next": "Ask"},
            "Use": {"Type": "Succeed"},
        },
    }
)


def texts(drawing: str) -> list[str]:
    """The texts of an SVG, which must be well-formed."""
    return [
        str(node.text)
        for node in ElementTree.fromstring(drawing).iter()
        if node.tag.endswith("text")
    ]


def overlapping(first: Box, second: Box) -> bool:
    return (
        abs(first.x - second.x) < (first.width + second.width) / 2
        and abs(first.y - second.y) < (first.height + second.height) / 2
    )


def test_every_state_and_every_caught_error_is_written() -> None:
    written = texts(svg.document(CLASSIFY, "The workflow"))
    errors = [name for edge in CLASSIFY.edges for name in edge.conditions]
    assert sorted(written) == sorted(["The workflow", "Start", "Done", *CLASSIFY.kinds, *errors])


def test_a_file_has_a_title_for_its_reader_and_for_the_browser() -> None:
    drawing = ElementTree.fromstring(svg.document(CLASSIFY, "scones <dev>"))
    assert (drawing[0].tag, drawing[0].text) == (f"{SVG}title", "scones <dev>")
    assert texts(svg.document(CLASSIFY, "scones <dev>"))[0] == "scones <dev>"
    assert "scones <dev>" not in texts(svg.svg(CLASSIFY)), "on a page, the title is the page's"


def test_nodes_do_not_overlap() -> None:
    sizes = {name: (60.0 + 5 * len(name), 34.0) for name in [START, *CLASSIFY.kinds, DONE]}
    boxes = lay_out(sizes, [(edge.source, edge.target) for edge in CLASSIFY.edges], START).boxes
    assert not [
        pair
        for pair in itertools.combinations(boxes, 2)
        if overlapping(boxes[pair[0]], boxes[pair[1]])
    ]


def test_each_state_lies_below_those_that_lead_to_it() -> None:
    sizes = dict.fromkeys([START, *CLASSIFY.kinds, DONE], (60.0, 34.0))
    boxes = lay_out(sizes, [(edge.source, edge.target) for edge in CLASSIFY.edges], START).boxes
    assert all(boxes[edge.source].y < boxes[edge.target].y for edge in CLASSIFY.edges)


def test_a_machine_with_a_loop_is_drawn() -> None:
    assert {"Ask", "There?", "Wait", "Use"} <= set(texts(svg.document(LOOP, "A loop")))


def test_counts_are_written_at_states_and_transitions() -> None:
    counts = {"Ask": 1234, "Use": 34}
    steps = {(START, "Ask"): 1034, ("There?", "Use"): 35}
    written = texts(svg.svg(LOOP, counts, steps))
    assert {"1,234", "34", "1,034", "35"} <= set(written)
    assert written.count("0") == 2 + 3, "two states and three transitions without executions"


def test_entered_states_are_coloured_by_their_status() -> None:
    drawing = svg.svg(CLASSIFY, statuses={"Serialize image": "caught", "Unusable image": "failed"})
    titles = [
        str(node.text)
        for node in ElementTree.fromstring(drawing).iter()
        if node.tag.endswith("title")
    ]
    assert "Serialize image: caught" in titles
    assert "Unusable image: failed" in titles
    assert "Classify image" in titles
    assert {"var(--warn)", "var(--bad)"} <= {
        piece.split('"')[0] for piece in drawing.split('stroke="')[1:]
    }


def test_the_diagram_has_a_description_and_only_the_colours_of_the_theme() -> None:
    root = ElementTree.fromstring(svg.document(CLASSIFY, "The workflow"))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert "Filter confidence" in str(root.get("aria-label"))
    shapes = [node for node in root.iter() if node.tag != f"{SVG}style"]
    paints = {node.get(name) for node in shapes for name in ("fill", "stroke")} - {None, "none"}
    assert all("var(--" in str(paint) for paint in paints)


def test_markup_in_names_is_escaped() -> None:
    machine = Machine({"<b>&": "Pass"}, (*LOOP.edges[:0], *parse_edges("<b>&")))
    drawing = svg.document(machine, "<b>&")
    assert "<b>&" in texts(drawing)


def parse_edges(name: str) -> tuple[object, ...]:
    return parse({"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}).edges
