"""The SFTP server that departments drop their files on, each in its own root."""

from __future__ import annotations

from pathlib import Path

import asyncssh

from demo.state import Servers


class _Accounts(asyncssh.SSHServer):  # type: ignore[misc]
    """Lets the accounts in by password."""

    def __init__(self, passwords: dict[str, str]) -> None:
        self._passwords = passwords

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._passwords.get(username) == password


async def listen(servers: Servers) -> asyncssh.SSHAcceptor:
    """Starts the server; nobody sees more than the files of the own account, there is no shell."""
    for account in servers.sftp_passwords:
        servers.drop_box(account).mkdir(parents=True, exist_ok=True)

    def chrooted(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        root: Path = servers.drop_box(channel.get_extra_info("username"))
        return asyncssh.SFTPServer(channel, chroot=str(root).encode())

    return await asyncssh.listen(
        servers.host,
        servers.sftp_port,
        server_factory=lambda: _Accounts(servers.sftp_passwords),
        server_host_keys=[str(servers.root / "sftp_host_key")],
        sftp_factory=chrooted,
        allow_scp=False,
    )
