"""What verify finds out about policies, permissions, prices and the state machine."""

from __future__ import annotations

import json
from typing import Any

from paths import ROOT
from stubbed import ID, Refusal, account

from scones.settings import Target
from scones.verification import definition, permissions, policies, prices
from scones.verification.finding import Finding, Status
from scones.verification.plan import Policy

POLICY = Policy("module.role.aws_iam_role_policy.this", "aws_iam_role_policy", "{}")
DEFINITION = ROOT / "states" / "classify.asl.json"
TARGET = Target("dev", "us-east-1")


def finding_of(kind: str) -> dict[str, Any]:
    return {
        "findingType": kind,
        "issueCode": "INVALID_ACTION",
        "findingDetails": "The action s3:Fetch does not exist.",
        "learnMoreLink": "https://docs.aws.amazon.com/x",
        "locations": [],
    }


def test_a_policy_with_an_error_is_a_problem_and_a_suggestion_is_not() -> None:
    answers = [("validate_policy", {"findings": [finding_of("ERROR"), finding_of("SUGGESTION")]})]
    fault, total = policies.check([POLICY], account({"accessanalyzer": answers}))
    assert fault.status == Status.PROBLEM
    assert fault.text.startswith("module.role.aws_iam_role_policy.this: INVALID_ACTION")
    assert total.text == "1 checked, 1 findings"


def simulate(decision: str, arn: str = f"arn:aws:iam::{ID}:user/me") -> list[Finding]:
    caller = {"UserId": "A" * 20, "Account": ID, "Arn": arn}
    needs = permissions.read()
    result = {
        "EvaluationResults": [
            {
                "EvalActionName": action,
                "EvalResourceName": need.resource,
                "EvalDecision": decision,
            }
            for need in needs["plan"][:1]
            for action in need.actions
        ]
    }
    requests = sum(len(part) for part in needs.values())
    answers = {
        "sts": [("get_caller_identity", caller)] * len(needs),
        "iam": [("simulate_principal_policy", result)] * requests,
    }
    return permissions.check(TARGET, account(answers))


def test_a_caller_with_every_permission_may_plan_and_apply() -> None:
    assert [finding.status for finding in simulate("allowed")] == [Status.OK, Status.OK]


def test_denied_actions_are_named() -> None:
    plan, apply = simulate("implicitDeny")
    assert (plan.status, apply.status) == (Status.PROBLEM, Status.PROBLEM)
    assert permissions.read()["plan"][0].actions[0] in plan.text
    assert "actions are denied" in apply.text


def test_the_policies_of_the_root_user_cannot_be_simulated() -> None:
    findings = simulate("allowed", arn=f"arn:aws:iam::{ID}:root")
    assert {finding.status for finding in findings} == {Status.UNKNOWN}


def product(usage: str) -> str:
    dimension = {"pricePerUnit": {"USD": "0.1150000000"}}
    terms = {"OnDemand": {"A.B": {"priceDimensions": {"A.B.C": dimension}}}}
    return json.dumps({"product": {"attributes": {"usagetype": usage}}, "terms": terms})


def price_list(answer: dict[str, Any]) -> Any:
    return account({"pricing": [("get_products", answer)]}).client("pricing")


def test_a_price_is_that_of_the_use() -> None:
    listed = {"PriceList": [product("USE1-Host:ml.m5.large"), product("USE1-Train:ml.m5.large")]}
    (finding,) = prices.check(
        {"ml.m5.large for endpoint usage": 2}, "us-east-1", price_list(listed)
    )
    assert finding == Finding("price", Status.OK, "USE1-Host:ml.m5.large: $0.115 an hour")


def test_without_a_price_list_there_is_no_problem() -> None:
    empty = price_list({"PriceList": []})
    (finding,) = prices.check({"ml.m5.large for endpoint usage": 2}, "us-east-1", empty)
    assert finding.status == Status.UNKNOWN


def states(*answers: Any, faults: tuple[dict[str, Any], ...] = ()) -> list[Finding]:
    validated = {"result": "FAIL" if faults else "OK", "diagnostics": list(faults)}
    prepared = [("validate_state_machine_definition", validated)]
    prepared += [("test_state", answer) for answer in answers]
    return definition.check(DEFINITION, account({"stepfunctions": prepared}))


def ways() -> list[definition.Case]:
    text = definition.render(DEFINITION.read_text(), account({}))
    return list(definition.cases(json.loads(text)))


def expected(case: definition.Case) -> dict[str, str]:
    status, following = case.expected
    return {"status": status, **({"nextState": following} if following else {})}


def test_every_way_out_of_every_task_is_taken() -> None:
    cases = ways()
    accepted, taken = states(*map(expected, cases))
    assert accepted.text == "the definition is accepted"
    assert taken == Finding(
        "state machine", Status.OK, f"{len(cases)} of {len(cases)} ways out of its states are right"
    )
    assert {case.state for case in cases} >= {"Serialize image", "Route driver", "Unsure"}
    assert {case.expected[1] for case in cases} >= {"Unusable image", "Describe low confidence"}


def test_a_way_that_leads_elsewhere_is_a_problem() -> None:
    first, *others = ways()
    answers = [{"status": "FAILED", "error": "States.Runtime"}, *map(expected, others)]
    _, fault, total = states(*answers)
    assert fault.status == Status.PROBLEM
    assert (
        fault.text == f"{first.state}, success: expected SUCCEEDED, next Classify image, got FAILED"
    )
    assert total.text.startswith(f"{len(others)} of {len(others) + 1}")


def test_a_definition_that_is_refused_is_a_problem() -> None:
    fault = {
        "severity": "ERROR",
        "code": "SCHEMA_VALIDATION_FAILED",
        "message": "Value is not a valid resource ARN",
        "location": "/States/Serialize image/Resource",
    }
    refused, _ = states(Refusal("AccessDeniedException", 403), faults=(fault,))
    assert refused.status == Status.PROBLEM
    assert refused.text == "/States/Serialize image/Resource Value is not a valid resource ARN"
