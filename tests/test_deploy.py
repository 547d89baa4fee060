"""What runs Pana: closed to all but what it needs, secrets in files, and one path open to the world."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from bot.settings import _NAMES

from .conftest import ROOT

SCALE = yaml.safe_load((ROOT / "compose.scale.yaml").read_text("utf-8"))
ONE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
UNIT = (ROOT / "docs" / "pana.service").read_text("utf-8")
NGINX = SCALE["configs"]["nginx"]["content"]
SERVICES = [*SCALE["services"].items(), *ONE["services"].items()]
REPLICAS = [one for name, one in SCALE["services"].items() if name.startswith("pana-")]


@pytest.mark.parametrize(("name", "service"), SERVICES, ids=[name for name, _ in SERVICES])
def test_every_service_is_closed_and_bounded(name: str, service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] == service["memswap_limit"], "no swap"
    assert service["pids_limit"]
    assert service["cpus"]
    assert ("ports" in service) == (name == "nginx")


@pytest.mark.parametrize(("name", "service"), SERVICES, ids=[name for name, _ in SERVICES])
def test_secrets_stand_in_files(name: str, service: dict[str, Any]) -> None:
    given = service.get("environment", {})
    for variable in ("TELEGRAM_TOKEN", "PANA_KEY", "DATABASE_URL", "WEBHOOK_SECRET", "POSTGRES_PASSWORD"):
        assert variable not in given
    assert name in ("nginx", "postgres") or set(given) <= set(_NAMES)


def test_the_locks_that_images_are_built_from_stand_here() -> None:
    recipe = (ROOT / "Dockerfile").read_text("utf-8")
    built = re.findall(r"LOCK[=:] ?(requirements\S*)", recipe + (ROOT / "compose.scale.yaml").read_text("utf-8"))
    assert set(built) == {"requirements.txt", "requirements-scale.txt"}
    for name in built:
        assert "--hash=sha256:" in (ROOT / name).read_text("utf-8")
    assert "psycopg==" in (ROOT / "requirements-scale.txt").read_text("utf-8")


def test_three_replicas_that_are_alike() -> None:
    assert len(REPLICAS) == 3
    bare = [{key: value for key, value in one.items() if key != "volumes"} for one in REPLICAS]
    assert all(one == bare[0] for one in bare)
    assert REPLICAS[0]["environment"]["HEALTH_LISTEN"].startswith("127.0.0.1:"), "no metrics for other containers"


@pytest.mark.parametrize("whole", [ONE, SCALE], ids=["one", "scale"])
def test_each_keeps_its_state_over_a_restart(whole: dict[str, Any]) -> None:
    """What waits for the database is noted there: on a memory disk it would go with the container."""
    panas = [one for name, one in whole["services"].items() if name.startswith("pana")]
    states = [volume.split(":")[0] for one in panas for volume in one["volumes"] if volume.endswith(":/state")]
    assert len(set(states)) == len(panas)
    assert set(states) <= set(whole["volumes"])
    assert not any(place.startswith("/state") for one in panas for place in one["tmpfs"])


def test_the_proxy_passes_one_path_on_and_logs_nothing() -> None:
    assert re.findall(r"location (.*?) \{", NGINX) == ["= /telegram", "/"]
    assert NGINX.count("proxy_pass") == 1
    assert "access_log off" in NGINX
    assert "client_max_body_size 1m" in NGINX
    port = REPLICAS[0]["environment"]["WEBHOOK_LISTEN"].split(":")[1]
    assert re.findall(r"server (pana-\d:\d+)", NGINX) == [f"pana-{one}:{port}" for one in (1, 2, 3)]
    assert NGINX.count(" backup;") == 2, "quiet mode stands in the memory of one replica"
    assert "$" not in NGINX, "compose would replace it"


def test_the_database_is_reached_from_inside_only() -> None:
    assert SCALE["services"]["postgres"]["networks"] == ["inside"]
    assert SCALE["networks"]["inside"]["internal"] is True


@pytest.mark.parametrize(
    "line",
    ["DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "MemorySwapMax=0", "Restart=on-failure",
     "LoadCredential=telegram_token:/etc/pana/telegram_token", "LoadCredential=pana_key:/etc/pana/pana_key",
     "CapabilityBoundingSet=", "LimitCORE=0"],
)  # fmt: skip
def test_the_service_of_systemd_is_closed(line: str) -> None:
    assert line in UNIT.splitlines()


def test_the_service_knows_only_settings_of_ours() -> None:
    named = re.findall(r"\b([A-Z_]+)=%", UNIT)
    assert set(named) <= set(_NAMES)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_understands_the_service() -> None:
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(ROOT / "docs" / "pana.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Unknown" not in found.stderr
