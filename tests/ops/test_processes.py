"""Which processes are ours, and what a stop leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from demo import processes, stack
from demo.site import Site, State
from xianjie.errors import SettingsError

_STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
# Its child leaves the process group and outlives it, as Airflow's tasks do.
_WITH_CHILD = (
    "import os, subprocess, sys, time;"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], process_group=0);"
    "print('up', flush=True); time.sleep(600)"
)


@pytest.fixture
def place(tmp_path):
    return Site(tmp_path / "home", tmp_path / "out", tmp_path / "root" / "postgres")


@pytest.fixture
def component():
    made = []

    def start(code):
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
        )
        made.append(process)
        return process

    yield start
    for process in made:
        for pid in processes.members({str(process.pid): processes.started(process.pid)}):
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()


def sessions(*made):
    return {str(process.pid): processes.started(process.pid) for process in made}


def test_members_are_found_also_when_they_leave_the_group(component):
    parent = component(_WITH_CHILD)
    parent.stdout.readline()
    assert len(processes.members(sessions(parent))) == 2


def test_members_are_found_when_their_leader_is_gone(component):
    parent = component(_WITH_CHILD)
    parent.stdout.readline()
    kept = sessions(parent)
    parent.kill()
    parent.wait()
    left = processes.members(kept)
    assert len(left) == 1
    os.kill(left[0], signal.SIGKILL)


def test_a_stranger_with_the_number_of_ours_is_left_alone(component):
    stranger = component("import time; time.sleep(600)")
    assert processes.members({str(stranger.pid): "1"}) == []


def test_a_halt_ends_every_component_also_a_stubborn_one(component, place):
    ours, stranger = component(_STUBBORN), component("import time; time.sleep(600)")
    time.sleep(0.5)  # until it ignores the signal
    place.keep(State(supervisor=1, supervisor_started="0", sessions=sessions(ours), is_ready=True))
    stack.halt(place)
    assert ours.wait(10) == -signal.SIGKILL
    assert stranger.poll() is None
    assert place.state().sessions == {}
    assert not place.state().is_ready


def test_a_halt_without_a_stack_does_nothing(place):
    stack.halt(place)
    assert not place.home.exists()


def test_a_home_with_something_else_in_it_is_refused(place):
    place.home.mkdir()
    (place.home / "keys").touch()
    with pytest.raises(SettingsError):
        place.prepare()


def test_a_wipe_leaves_what_the_demo_did_not_make(place):
    place.home.mkdir()
    (place.home / "keys").touch()
    (place.out / "2026-09-21").mkdir(parents=True)
    place.wipe()
    assert (place.home / "keys").exists()
    assert (place.out / "2026-09-21").exists()


def test_a_wipe_removes_the_demo_and_its_packs_only(place):
    place.prepare()
    (place.home / "landing").mkdir()
    (place.out / "2026-09-21").mkdir(parents=True)
    (place.out / "notes").mkdir()
    place.wipe()
    assert list(place.home.iterdir()) == []
    assert [item.name for item in place.out.iterdir()] == ["notes"]


def test_the_state_survives_and_forgets_what_it_does_not_know(place):
    place.keep(State(people=5), nights=("2026-09-21",))
    text = place.state_file.read_text(encoding="utf-8")
    place.state_file.write_text(text.replace("{", '{"older": 1, ', 1), encoding="utf-8")
    assert place.state() == State(people=5, nights=("2026-09-21",))


def test_secrets_are_kept_and_private(place):
    from demo.site import secret

    place.prepare()
    first = secret(place, "token_key")
    assert secret(place, "token_key") == first
    assert len(bytes.fromhex(first)) == 32
    assert (place.home / "secrets" / "token_key").stat().st_mode & 0o077 == 0
