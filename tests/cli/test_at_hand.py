"""A command borrows the demo's PostgreSQL, and gives it back as it found it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import stack
from demo.site import Site
from xianjie.commands import at_hand
from xianjie.database import embedded
from xianjie.settings import settings


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.Server]:
    root = Path(tempfile.mkdtemp(prefix="xianjie-borrowed-", dir="/var/tmp"))
    root.chmod(0o755)
    yield embedded.start(root / "postgres")
    embedded.stop(root / "postgres")
    shutil.rmtree(root)


@pytest.fixture(autouse=True)
def demo(server, monkeypatch):
    monkeypatch.setenv("XIANJIE_WAREHOUSE_URL", server.url("postgres"))
    monkeypatch.setenv("XIANJIE_EMBEDDED_ROOT", str(server.root))
    monkeypatch.setattr(at_hand, "from_demo", {"XIANJIE_EMBEDDED_ROOT"})
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_a_server_that_was_down_is_started_and_stopped_again(server):
    embedded.stop(server.root)
    with at_hand.warehouse():
        assert embedded.is_running(server.root)
    assert not embedded.is_running(server.root)


def test_a_server_that_was_up_stays_up(server):
    embedded.start(server.root, server.port)
    with at_hand.warehouse():
        pass
    assert embedded.is_running(server.root)


def test_the_last_of_several_commands_stops_it(server):
    embedded.stop(server.root)
    with at_hand.warehouse():
        with at_hand.warehouse():
            pass
        assert embedded.is_running(server.root)
    assert not embedded.is_running(server.root)


def test_a_command_that_was_killed_does_not_stop_a_later_stack(server, tmp_path):
    (server.root.parent / at_hand.BORROWED).touch()
    stack.halt(Site(tmp_path, tmp_path / "out", server.root))
    embedded.start(server.root, server.port)  # as a stack does
    with at_hand.warehouse():
        pass
    assert embedded.is_running(server.root)


def test_another_warehouse_is_left_alone(server, monkeypatch):
    embedded.stop(server.root)
    monkeypatch.setattr(at_hand, "from_demo", set())
    with at_hand.warehouse():
        assert not embedded.is_running(server.root)
