"""Files on a department's SFTP server, through Airflow's hook, which also checks the server's host key."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from xianjie.intake.connections import connection_of
from xianjie.intake.connectors.files import RemoteFile, open_taken, take_files
from xianjie.intake.errors import SourceAuthError, SourceConnectionError
from xianjie.intake.fetched import Fetched, Request

_CONNECT_SECONDS = 15
_SILENCE_SECONDS = 60


def fetch(request: Request) -> Fetched:
    """Tonight's files on the server of the contract's connection; see `files` for the options."""
    import paramiko
    from airflow.providers.sftp.hooks.sftp import SFTPHook

    title = request.contract.title
    connection = connection_of(request.contract)
    try:
        # One attempt: a wrong password tried again and again locks the account; the task has its own retries.
        hook = SFTPHook(ssh_conn_id=connection.id, conn_timeout=_CONNECT_SECONDS, conn_retry_attempts=1)
        with hook.get_managed_conn() as client:
            client.get_channel().settimeout(_SILENCE_SECONDS)
            taken = take_files(request, _Server(client))
    except paramiko.BadHostKeyException:
        raise SourceAuthError(f"{title}: SFTP 服务器的主机密钥变了, 请与对方核实后更新连接") from None
    except (paramiko.AuthenticationException, PermissionError):
        raise SourceAuthError(f"{title}: SFTP 用户名、密码或目录权限不对") from None
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise SourceConnectionError(f"{title}: SFTP 服务器连不上或中断 ({type(error).__name__})") from None
    return open_taken(request, taken)


class _Server:
    """A `FileSource` over paramiko."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def files(self, folder: str) -> list[RemoteFile]:
        """Plain files of a folder."""
        listed = self._client.listdir_attr(folder)
        return [
            RemoteFile(f"{folder.rstrip('/')}/{entry.filename}", entry.st_size or 0, entry.st_mtime or 0)
            for entry in listed
            if stat.S_ISREG(entry.st_mode or 0)
        ]

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """A file's content, read ahead."""
        with self._client.open(path, "rb") as stream:
            stream.prefetch()
            yield stream
