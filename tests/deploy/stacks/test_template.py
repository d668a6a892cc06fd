"""The templates: nothing for a linter to find, also after CloudFormation has made of them what it makes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.packaging.template import additions
from infra.resources import TEMPLATE
from tests.deploy.stacks import building
from tests.deploy.stacks.building import Template, functions, mapping
from tests.infra.test_functions import CONFIGURED

TRANSLATE = """
import json, sys
from samtranslator.translator.transform import transform
class NoPolicies:
    def load(self): return {}
made = transform(json.load(open(sys.argv[1])), {}, NoPolicies())
json.dump(made, open(sys.argv[2], "w"))
"""
"""No managed policy is loaded: none is used."""


def findings(template: Path) -> str:
    """All that cfn-lint finds, warnings and advice too."""
    command = [
        sys.executable,
        "-c",
        "from cfnlint.runner import main; main()",
        "--include-checks",
        "I",
        "--",
        str(template),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def translated(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("translated") / "template.json"
    local = json.loads((packaged / "template.json").read_text(encoding="utf-8"))
    for function in functions(local).values():
        function["CodeUri"] = "s3://bucket/code.zip"
    source = made.with_name("source.json")
    source.write_text(json.dumps(local), encoding="utf-8")
    environ = {**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}
    subprocess.run([sys.executable, "-c", TRANSLATE, str(source), str(made)], check=True, env=environ)
    return made


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {name: r["Properties"] for name, r in template["Resources"].items() if r["Type"] == kind}


def test_the_linter_finds_nothing_in_the_app_stack(packaged: Path) -> None:
    assert findings(packaged / "template.json") == ""


def test_the_linter_finds_nothing_in_the_data_stack() -> None:
    assert findings(TEMPLATE) == ""


def test_the_linter_finds_nothing_in_what_cloudformation_makes_of_the_app_stack(translated: Path) -> None:
    assert findings(translated) == ""


def test_the_translated_stack_has_one_stage_of_one_api_two_rules_and_four_mappings(translated: Path) -> None:
    made = json.loads(translated.read_text(encoding="utf-8"))
    counts = {
        kind: len(of_type(made, f"AWS::{kind}"))
        for kind in ("ApiGateway::RestApi", "ApiGateway::Stage", "Events::Rule", "Lambda::EventSourceMapping")
    }
    assert list(counts.values()) == [1, 1, 2, 4]
    for each in of_type(made, "AWS::Lambda::EventSourceMapping").values():
        assert each["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_package_made_for_one_stage_is_the_same_as_one_made_for_another(template: Template, tmp_path: Path) -> None:
    other = building.package(building.project(tmp_path / "project"), "prod")
    assert json.loads((other / "template.json").read_text(encoding="utf-8")) == template
    assert "punctual-dev" not in json.dumps(template)


def test_every_function_has_a_role_and_a_log_of_its_own(template: Template) -> None:
    found = functions(template)
    assert set(found) == set(CONFIGURED)
    roles = [each["Role"]["Fn::GetAtt"][0] for each in found.values()]
    assert len(set(roles)) == len(roles)
    logs = {each["LogGroupName"]["Fn::Sub"] for each in of_type(template, "AWS::Logs::LogGroup").values()}
    assert logs == {f"/aws/lambda/punctual-${{Stage}}-{name}" for name in found}


def test_every_functions_log_is_there_before_it(template: Template) -> None:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            log = template["Resources"][_waits_for(resource)[0]]["Properties"]["LogGroupName"]["Fn::Sub"]
            assert log == "/aws/lambda/" + resource["Properties"]["FunctionName"]["Fn::Sub"]


def test_who_sends_to_workers_is_updated_after_them(template: Template) -> None:
    """A message of a new form that meets a worker of the old version comes again only after minutes."""
    assert {"Light", "Urgent"} <= set(_waits_for(template["Resources"]["Dispatcher"]))


def _waits_for(resource: dict[str, Any]) -> list[str]:
    names = resource["DependsOn"]
    return names if isinstance(names, list) else [names]


def test_no_queues_failed_messages_are_lost_with_the_others_of_their_batch(template: Template) -> None:
    mappings = {name: found for name, each in functions(template).items() if (found := mapping(each))}
    assert set(mappings) == {"dispatcher", "light", "urgent", "commands"}
    assert all(each["FunctionResponseTypes"] == ["ReportBatchItemFailures"] for each in mappings.values())
    assert all("MaximumConcurrency" in each["ScalingConfig"] for each in mappings.values())


def test_the_architecture_is_the_one_that_the_package_was_built_for(packaged: Path, template: Template) -> None:
    made = json.loads((packaged / "sam.json").read_text(encoding="utf-8"))
    built = made["Resources"]["Sandbox"]["Properties"]["Architectures"]
    assert [template["Parameters"]["Architecture"]["Default"]] == built


def test_all_that_is_kept_stays_when_its_stack_goes() -> None:
    for name, resource in yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))["Resources"].items():
        assert (name, resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (name, "Retain", "Retain")


def test_two_files_that_say_different_things_of_one_place_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("Parameters: {Stage: {Type: String}}", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("Parameters: {Stage: {Type: Number}}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"b.yaml: 'Number' is 'String'"):
        additions(tmp_path)
