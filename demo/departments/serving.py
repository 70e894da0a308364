"""All departments' servers in one process, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import uvicorn

from demo.departments import civil_affairs, drops, education, mail
from demo.state import Servers


async def serve(servers: Servers, ready: Callable[[], None]) -> None:
    """Runs the servers; calls `ready` when all of them listen, returns after a signal."""
    civil_affairs.prepare(servers.civil_url, servers.civil_reader, servers.civil_reader_password)
    servers.education.mkdir(parents=True, exist_ok=True)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    sftp = await drops.listen(servers)
    smtp = await mail.listen(servers)
    api = _Api(
        uvicorn.Config(
            education.application(servers.education, servers.education_token),
            host=servers.host,
            port=servers.education_port,
            log_level="warning",
            lifespan="off",
        )
    )
    running = asyncio.create_task(api.serve())
    while not api.started and not running.done():
        await asyncio.sleep(0.02)
    ready()
    await asyncio.wait({asyncio.create_task(stopping.wait()), running}, return_when=asyncio.FIRST_COMPLETED)
    api.should_exit = True
    smtp.close()
    sftp.close()
    await asyncio.wait_for(running, 10)
    await sftp.wait_closed()


class _Api(uvicorn.Server):
    """Leaves signals to us."""

    def install_signal_handlers(self) -> None:
        """Nothing: `serve` listens for signals itself."""

    def capture_signals(self) -> object:  # type: ignore[override]
        """Nothing, for newer uvicorn."""
        from contextlib import nullcontext

        return nullcontext()
