"""Where the demo lives on this machine: folders, secrets, and the state that outlives a stop.

Everything but PostgreSQL's files lies below the home of the settings. PostgreSQL refuses to run as root and
then runs as ``nobody``, who cannot enter private folders; so its files lie below a folder open to all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import socket
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from xianjie.errors import SettingsError
from xianjie.settings import REPOSITORY, settings

_MARKER = "this-home-belongs-to-the-demo"
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class State:
    """What a later command needs to know of the stack, kept in ``<home>/demo/stack.json``."""

    supervisor: int = 0
    supervisor_started: str = ""
    sessions: dict[str, str] = field(default_factory=dict)
    api_port: int = 0
    postgres_port: int = 0
    people: int = 30_000
    populated: int = 0  # the size of the county that was generated; 0 when none was
    airflow_version: str = ""
    is_ready: bool = False
    nights: tuple[str, ...] = ()
    ports: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """The folders of one demo."""

    home: Path
    out: Path
    postgres: Path

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder, with its generated configuration and the task logs."""
        return self.home / "airflow"

    @property
    def logs(self) -> Path:
        """One log file a component."""
        return self.home / "logs"

    @property
    def environment_file(self) -> Path:
        """The settings of the demo, for commands run in another shell."""
        return self.home / "secrets" / "demo.env"

    @property
    def state_file(self) -> Path:
        """The kept `State`."""
        return self.home / "demo" / "stack.json"

    def state(self) -> State:
        """The kept state, or an empty one."""
        try:
            kept = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return State()
        known = {name: kept[name] for name in State.__dataclass_fields__ if name in kept}
        return State(**{**known, "nights": tuple(known.get("nights", ()))})

    def keep(self, state: State, **changes: object) -> State:
        """Writes the state aside and renames it; returns what was written."""
        state = replace(state, **changes)  # type: ignore[arg-type]
        self.state_file.parent.mkdir(parents=True, exist_ok=True)
        aside = self.state_file.with_suffix(".tmp")
        aside.write_text(json.dumps(asdict(state)), encoding="utf-8")
        aside.replace(self.state_file)
        return state

    def exists(self) -> bool:
        """Whether a demo was prepared here."""
        return (self.home / _MARKER).exists() and self.environment_file.exists()

    def prepare(self) -> None:
        """Creates the folders; refuses a home that holds something else."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.home / _MARKER).exists() and any(self.home.iterdir()):
            raise SettingsError(
                f"{self.home} 已有内容且不是演示环境, 拒绝使用",
                next_command="XIANJIE_HOME=<空目录> xianjie demo run",
            )
        (self.home / _MARKER).touch()
        for folder in (self.airflow_home, self.logs, self.state_file.parent, self.home / "secrets", self.out):
            folder.mkdir(parents=True, exist_ok=True)
        (self.home / "secrets").chmod(0o700)
        self.postgres.mkdir(parents=True, exist_ok=True)
        if self.postgres.parent.stat().st_uid != os.geteuid():
            raise SettingsError(f"{self.postgres.parent} 属于别的用户", next_command="make clean")
        self.postgres.parent.chmod(0o755)

    def wipe(self) -> None:
        """Removes everything the demo made; a home without the demo's marker is left alone."""
        if (self.home / _MARKER).exists():
            for item in self.home.iterdir():
                shutil.rmtree(item) if item.is_dir() else item.unlink()
            for item in self.out.glob("*") if self.out.exists() else ():
                if _DATE.match(item.name):
                    shutil.rmtree(item)
        shutil.rmtree(self.postgres.parent, ignore_errors=True)


def site() -> Site:
    """The demo's folders, by the settings."""
    conf = settings()
    home = conf.home.resolve()
    name = f"xianjie-{os.geteuid()}-{hashlib.sha256(str(home).encode()).hexdigest()[:10]}"
    return Site(home, conf.out_dir.resolve(), Path("/var/tmp") / name / "postgres")  # noqa: S108


def secret(place: Site, name: str, size: int = 32) -> str:
    """A kept random secret of `size` bytes, as hex digits; made on first use."""
    path = place.home / "secrets" / name
    if not path.exists():
        aside = path.with_suffix(".tmp")
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_hex(size), encoding="ascii")
        aside.replace(path)
    return path.read_text(encoding="ascii")


def fernet_key(place: Site) -> str:
    """The kept Fernet key of Airflow's connections."""
    return urlsafe_b64encode(bytes.fromhex(secret(place, "fernet"))).decode()


def free_port(preferred: int = 0) -> int:
    """`preferred` when it is free on the loopback, else any free port."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SettingsError("本机没有空闲端口", next_command="xianjie demo down")


def airflow_environment(place: Site, state: State, database_url: str) -> dict[str, str]:
    """Airflow's settings: everything on the loopback, few processes, answers quickly."""
    address = f"http://127.0.0.1:{state.api_port}"
    users = place.home / "secrets" / "airflow_users.json"
    if not users.exists():
        users.touch(mode=0o600)
        users.write_text(
            json.dumps({name: secret(place, f"airflow_{name}", 6) for name in ("admin", "viewer")})
        )
    values = {
        "CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "CORE__EXECUTOR": "xianjie.night.executor.LoadedLocalExecutor",
        "CORE__PARALLELISM": str(max(4, 2 * (os.cpu_count() or 1))),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "CORE__FERNET_KEY": fernet_key(place),
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(users),
        "API__HOST": "127.0.0.1",
        "API__PORT": str(state.api_port),
        "API__BASE_URL": address,
        "API__WORKERS": "1",
        "API__SECRET_KEY": secret(place, "api"),
        "API__INSTANCE_NAME": "衔接 Xianjie",
        "API_AUTH__JWT_SECRET": secret(place, "jwt", 64),
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DATABASE__SQL_ALCHEMY_CONN": database_url.replace("postgresql+psycopg:", "postgresql+psycopg2:"),
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "120",
        "LOGGING__LOGGING_LEVEL": "INFO",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {
        "AIRFLOW_HOME": str(place.airflow_home),
        **{f"AIRFLOW__{name}": text for name, text in values.items()},
    }


def xianjie_environment(place: Site, state: State, warehouse_url: str) -> dict[str, str]:
    """Our own settings for the demo county."""
    address = f"http://127.0.0.1:{state.api_port}"
    return {
        "XIANJIE_COUNTY_CODE": "639900",
        "XIANJIE_ALLOW_FIXTURE_IDS": "1",
        "XIANJIE_DATASETS_ON": ",".join(settings().datasets_on),
        "XIANJIE_HOME": str(place.home),
        "XIANJIE_OUT_DIR": str(place.out),
        "XIANJIE_INCLUDE_DIR": str(settings().include_dir),
        "XIANJIE_WAREHOUSE_URL": warehouse_url,
        "XIANJIE_EMBEDDED_ROOT": str(place.postgres),
        "XIANJIE_TOKEN_KEY": secret(place, "token_key"),
        "XIANJIE_VAULT_KEY": secret(place, "vault_key"),
        "XIANJIE_INTAKE_CRON": "",
        "XIANJIE_RETURNS_CRON": "",
        "XIANJIE_AIRFLOW_URL": address,
        "XIANJIE_AIRFLOW_USER": "admin",
        "XIANJIE_AIRFLOW_PASSWORD": secret(place, "airflow_admin", 6),
        "XIANJIE_BOARD_URL": f"{address}/xianjie/",
    }
