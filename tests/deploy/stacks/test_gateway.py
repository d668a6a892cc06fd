"""What API Gateway says by itself looks like what Punctual says."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest

from chalicelib.web.frame.headers import ENCRYPTED_ONLY, EVERYWHERE
from chalicelib.web.frame.problems import Problem, problem_response
from infra.packaging import gateway
from tests.deploy.stacks.building import Template

ANSWERS = gateway.responses()
MEMBERS = set(json.loads(problem_response(Problem(status=HTTPStatus.NOT_FOUND, code="x", detail="y"), "1").body))


def said(answer: dict[str, Any], status: int) -> dict[str, Any]:
    """The body, with what the gateway puts in for its variables."""
    text = answer["responseTemplates"]["application/json"].replace("$context.error.messageString", '"Some sentence"')
    found: dict[str, Any] = json.loads(text.replace("$context.responseStatus", str(status)).replace("$context.", ""))
    return found


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_a_problem(name: str) -> None:
    answer = ANSWERS[name]
    body = said(answer, 418)
    assert set(body) == MEMBERS
    assert body["status"] == int(answer.get("statusCode", 418))
    assert "$" not in json.dumps(body)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_headers_of_every_answer(name: str) -> None:
    headers = {k.removeprefix("gatewayresponse.header."): v for k, v in ANSWERS[name]["responseParameters"].items()}
    values = {name: value[1:-1] for name, value in headers.items() if value[0] == value[-1] == "'"}
    assert values.keys() == headers.keys()
    assert values.keys() >= (EVERYWHERE | ENCRYPTED_ONLY).keys()
    assert values["Content-Type"] == "application/problem+json"
    assert not any("'" in value for value in values.values())
    same = set(EVERYWHERE) - {"Content-Security-Policy"}
    assert {name: values[name] for name in same} == {name: EVERYWHERE[name] for name in same}


def test_a_path_that_there_is_not_is_not_found_and_too_much_is_told_when_to_come_back() -> None:
    assert ANSWERS["MISSING_AUTHENTICATION_TOKEN"]["statusCode"] == "404"
    assert ANSWERS["THROTTLED"]["statusCode"] == "429"
    assert ANSWERS["THROTTLED"]["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"


def test_the_template_has_the_answers_and_sends_every_other_method_of_a_path_to_the_function(
    template: Template,
) -> None:
    definition = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    assert definition[gateway.EXTENSION] == ANSWERS
    for methods in definition["paths"].values():
        assert methods[gateway.ANY_METHOD]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"


def test_answers_of_a_kilobyte_and_more_are_compressed(template: Template) -> None:
    assert template["Resources"]["RestAPI"]["Properties"]["MinimumCompressionSize"] == 1024
