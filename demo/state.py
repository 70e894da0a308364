"""What the demo's servers listen on and who may sign in, kept in ``<home>/demo/state.json`` (mode 0600).

The file is made once, by whoever asks first (the stack, ``serve`` or a night), and never changed, so ports
and passwords are known before a server runs.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from demo import site
from demo.book import sftp_accounts
from xianjie.database import embedded
from xianjie.settings import settings

EXCHANGE = "returns"  # the county's own account: returned rows, with a folder a department
CIVIL_DATABASE = "civil_affairs"
CIVIL_READER = "civil_affairs_reader"


@dataclass(frozen=True)
class Servers:
    """Addresses and secrets of the departments' servers; all on the loopback."""

    folder: str
    education_port: int
    education_token: str
    sftp_port: int
    sftp_host_key: str
    sftp_passwords: dict[str, str]
    smtp_port: int
    civil_url: str
    civil_reader_password: str
    civil_reader: str = CIVIL_READER
    host: str = "127.0.0.1"
    version: int = field(default=1)

    @property
    def root(self) -> Path:
        """The demo's folder, ``<home>/demo``."""
        return Path(self.folder)

    @property
    def education(self) -> Path:
        """What the education bureau's API serves, one Parquet file a dataset."""
        return self.root / "education"

    @property
    def mail(self) -> Path:
        """Mails that were caught, one .eml file each."""
        return self.root / "mail"

    def drop_box(self, account: str) -> Path:
        """The folder that an SFTP account sees as its root."""
        return self.root / "sftp" / account


def demo_folder(home: Path | None = None) -> Path:
    """The demo's folder below a home (default: the settings')."""
    return (home or settings().home).resolve() / "demo"


def servers(home: Path | None = None, civil_url: str | None = None) -> Servers:
    """The kept `Servers` of a home, made if need be.

    Args:
        home: where the demo lives; default is the settings' home.
        civil_url: SQLAlchemy URL of the database that plays the civil affairs bureau's, with a user who may
            create roles; default is a database of the demo's own embedded PostgreSQL, which is started.
    """
    folder = demo_folder(home)
    path = folder / "state.json"
    if path.exists():
        return Servers(**json.loads(path.read_text(encoding="utf-8")))
    made = _make(folder, civil_url or _embedded_civil_url())
    folder.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".tmp")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    aside.replace(path)
    return made


def _make(folder: Path, civil_url: str) -> Servers:
    ports = _free_ports(3)
    return Servers(
        folder=str(folder),
        education_port=ports[0],
        education_token=secrets.token_urlsafe(24),
        sftp_port=ports[1],
        sftp_host_key=_host_key(folder / "sftp_host_key"),
        sftp_passwords={name: secrets.token_hex(12) for name in (*sftp_accounts(), EXCHANGE)},
        smtp_port=ports[2],
        civil_url=civil_url,
        civil_reader_password=secrets.token_hex(12),
    )


def _free_ports(count: int) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        if (port := site.free_port()) not in found:
            found.append(port)
    return found


def _host_key(path: Path) -> str:
    import asyncssh

    path.parent.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.touch(mode=0o600)
    path.write_bytes(key.export_private_key())
    return " ".join(key.export_public_key().decode().split()[:2])


def _embedded_civil_url() -> str:
    place = site.site()
    place.postgres.mkdir(parents=True, exist_ok=True)
    os.chmod(place.postgres.parent, 0o755)  # noqa: S103, PTH101 - PostgreSQL runs as nobody below it
    (place.home / "secrets").mkdir(parents=True, exist_ok=True)
    password = site.secret(place, "postgres_civil_affairs", 12)
    server = embedded.start(place.postgres)
    return embedded.create_database(server, CIVIL_DATABASE, CIVIL_DATABASE, password, create_role=True)
