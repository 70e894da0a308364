"""The production shape: no engine is there to start it, so its schema and its references are checked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from xianjie.settings import REPOSITORY

COMPOSE = REPOSITORY / "docker-compose.yaml"
WANTED = {
    "postgres",
    "redis",
    "mail",
    "init",
    "api-server",
    "scheduler",
    "dag-processor",
    "triggerer",
    "worker",
}
DEMO = {"demo-mariadb", "demo-departments", "demo-init"}


def judged(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def test_it_follows_the_compose_specification():
    assert judged(COMPOSE).returncode == 0


@pytest.mark.parametrize(
    ("good", "bad"), [("restart: unless-stopped", "restrat: unless-stopped"), ("services:", "servcies:")]
)
def test_the_judge_sees_a_misspelt_key(tmp_path, good, bad):
    broken = tmp_path / "docker-compose.yaml"
    broken.write_text(COMPOSE.read_text(encoding="utf-8").replace(good, bad, 1), encoding="utf-8")
    assert judged(broken).returncode != 0


def test_all_services_of_the_production_shape_are_there(compose):
    assert set(compose["services"]) == WANTED | DEMO
    assert all(compose["services"][name].get("profiles") == ["demo"] for name in DEMO)
    assert not any(compose["services"][name].get("profiles") for name in WANTED)


def test_what_a_service_depends_on_exists_and_can_say_it_is_healthy(compose):
    services = compose["services"]
    seen = 0
    for name, service in services.items():
        for other, condition in service.get("depends_on", {}).items():
            seen += 1
            assert other in services, f"{name} depends on {other}"
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in services[other], (
                    f"{name} waits for {other}, which has no health check"
                )
            is_demo = "profiles" in services[other]
            assert not is_demo or "profiles" in service, (
                f"{name} depends on {other}, which is only in the demo"
            )
    assert seen > 10


def test_every_named_volume_and_config_is_declared(compose):
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"], name
        for config in service.get("configs", []):
            assert config["source"] in compose["configs"], name


def test_ports_are_open_on_the_loopback_only(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_variable_is_explained_in_the_example(compose):
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")))
    assert wanted
    assert wanted <= set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_no_secret_has_a_value_in_the_example():
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    secrets = dict(re.findall(r"^(\w*(?:KEY|PASSWORD|SECRET)\w*)=(.*)$", example, re.MULTILINE))
    assert secrets
    assert not any(secrets.values())


def test_every_service_of_ours_shares_keys_and_addresses(compose):
    ours = [
        service for service in compose["services"].values() if service.get("image", "").startswith("xianjie:")
    ]
    assert len(ours) >= 6
    environments = [service["environment"] for service in ours]
    assert all(environment == environments[0] for environment in environments)
    for name in (
        "CORE__FERNET_KEY",
        "API_AUTH__JWT_SECRET",
        "CORE__EXECUTION_API_SERVER_URL",
        "API__SECRET_KEY",
    ):
        assert f"AIRFLOW__{name}" in environments[0]


def test_the_image_copies_what_the_services_run():
    copied = set(
        re.findall(r"^COPY (\w+) \w+$", (REPOSITORY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {"dags", "plugins", "include", "demo"} <= copied
    assert all((REPOSITORY / folder).is_dir() for folder in copied)
