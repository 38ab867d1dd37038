"""What Terraform's files state and other files repeat: versions and default hyperparameters."""

from __future__ import annotations

import re

import hcl2
from paths import ROOT

from container import settings
from scones.provisioning import terraform

TERRAFORM = ROOT / "terraform"
VERSIONS = sorted(TERRAFORM.rglob("versions.tf"))
VARIABLES = (TERRAFORM / "variables.tf").read_text()


def test_every_module_requires_the_same_versions() -> None:
    requirements = [hcl2.loads(path.read_text())["terraform"][0] for path in VERSIONS]
    required_versions = {block["required_version"].strip('"') for block in requirements}
    providers = {
        block["required_providers"][0]["aws"]["version"].strip('"') for block in requirements
    }
    assert len(VERSIONS) == 1 + len(list((TERRAFORM / "modules").iterdir()))
    assert required_versions == {">= 1.11"}
    assert providers == {">= 5.100, < 7"}


def test_the_lock_file_records_the_provider_constraint() -> None:
    lock_file = (TERRAFORM / ".terraform.lock.hcl").read_text()
    assert 'constraints = ">= 5.100.0, < 7.0.0"' in lock_file


def test_readme_and_messages_name_the_required_terraform_version() -> None:
    readme = (ROOT / "README.md").read_text()
    assert set(re.findall(r"Terraform (\d+\.\d+) or newer", readme)) == {"1.11"}
    assert terraform.MINIMUM_VERSION == "1.11"


def test_the_training_script_and_terraform_have_the_same_default_hyperparameters() -> None:
    block = re.search(r"hyperparameters = optional\(object\(\{(.*?)\}\)", VARIABLES, re.DOTALL)
    defaults = {
        name: float(value)
        for name, value in re.findall(r"(\w+)\s+= optional\(number, ([\d.]+)\)", block[1])
    }
    job = vars(settings.parse({}))
    assert defaults == {name: job[name] for name in defaults}
    # The number of epochs depends on the images: `make train` sets it.
    assert set(job) - set(defaults) == {"epochs", "seed", "threshold", "target_precision"}


def test_the_training_script_and_terraform_have_the_same_seed_and_precision() -> None:
    job = settings.parse({})
    seed = re.search(r"seed\s+= optional\(number, (\d+)\)", VARIABLES)
    precision = re.search(r'"target_precision" \{.*?default\s+= ([\d.]+)', VARIABLES, re.DOTALL)
    assert job.seed == int(seed[1])
    assert job.target_precision == float(precision[1])
    assert job.threshold is None
