"""A command looks for the credentials of whoever performs it, wherever a process can look, and finds nothing.

Every probe is tried on a host that does not hide as well, where it has to find something: else it would prove nothing.
What one command leaves for the next is in `test_machine.py`. Nothing here asks the addresses at which machines of AWS
give out credentials: docs/security.md says what is and is not in their way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.standins.sandbox_process import SandboxProcesses
from tests.actions.hosting import CREDENTIALS, ROOT, Host, python

LOOK = r"""
import ctypes, os, re, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE, PIDFD_OPEN, PIDFD_GETFD = 0x4206, 434, 438

def show(data):
    for canary in set(re.findall(rb"canary-[0-9a-f]{32}", data)):
        print(canary.decode())

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        print(path, error.strerror)
        return b""

def listed(path):
    try:
        return os.listdir(path)
    except OSError as error:
        print(path, error.strerror)
        return []

def parent(pid):
    return int(re.search(rb"PPid:\s+(\d+)", read(f"/proc/{pid}/status"))[1])

def spans(pid):
    for line in read(f"/proc/{pid}/maps").decode().splitlines():
        begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
        if rights.startswith("rw"):
            yield int(begin, 16), int(end, 16)

def environment(pid):
    for path in (f"/proc/{pid}", *(f"/proc/{pid}/task/{task}" for task in listed(f"/proc/{pid}/task"))):
        show(read(f"{path}/environ"))

def memory(pid):
    try:
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
            for begin, end in spans(pid):
                mem.seek(begin)
                show(mem.read(end - begin))
    except OSError as error:
        print("mem", error.strerror)

class Span(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

def other_memory(pid):
    mine = ctypes.create_string_buffer(1 << 20)
    for begin, end in list(spans(pid)) or [(ctypes.addressof(mine), 0)]:
        for at in range(begin, end or begin + 1, 1 << 20):
            size = min(1 << 20, max(end - at, 1))
            here, there = Span(ctypes.addressof(mine), size), Span(at, size)
            if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) < 0:
                print("process_vm_readv", os.strerror(ctypes.get_errno()))
                break
            show(mine.raw[:size])

def trace(pid):
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.prctl(0x59616D61, os.getpid(), 0, 0, 0)  # PR_SET_PTRACER
    print("got in" if libc.ptrace(PTRACE_SEIZE, pid, None, None) == 0 else os.strerror(ctypes.get_errno()))

def files(pid):
    for number in listed(f"/proc/{pid}/fd"):
        if os.path.isfile(f"/proc/{pid}/fd/{number}"):
            show(read(f"/proc/{pid}/fd/{number}"))

def sockets(pid):
    there = libc.syscall(PIDFD_OPEN, pid, 0)
    for number in range(3, 30):
        taken = libc.syscall(PIDFD_GETFD, there, number, 0)
        if taken < 0:
            print("pidfd_getfd", os.strerror(ctypes.get_errno()))
            continue
        try:
            show(socket.socket(fileno=taken).recv(100, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:  # no socket, or nothing to read
            continue

def folder(pid):
    show(" ".join(listed(f"/proc/{pid}/cwd/")).encode())

def layout(pid):
    for name in ("auxv", "maps", "smaps", "syscall", "stack", "pagemap"):
        if read(f"/proc/{pid}/{name}")[:1]:
            print("got in")

supervisor = os.getppid()
for pid in (supervisor, parent(supervisor)):
    print("at", pid)
    globals()[sys.argv[1]](pid)
print("looked")
"""
WAYS = ("environment", "memory", "other_memory", "trace", "files", "sockets", "folder", "layout")


@pytest.mark.parametrize("privileges", [True, False], ids=["as it was started", "without privileges"])
@pytest.mark.parametrize("way", WAYS)
def test_a_command_finds_no_secret_in_the_processes_above_it(way: str, privileges: bool, tmp_path: Path) -> None:
    host = Host(home=tmp_path, privileges=privileges)
    [answer] = host.perform(python(LOOK, way))
    assert answer["output"].endswith("looked\n")
    assert answer["output"].count("at ") == 2
    assert not host.found(answer["output"])


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_looking_finds_what_does_not_hide(way: str, tmp_path: Path) -> None:
    host = Host(home=tmp_path, privileges=False, careless=True)
    [answer] = host.perform(python(LOOK, way))
    assert host.found(answer["output"])


def test_no_process_of_the_machine_shows_a_secret_in_its_environment_or_arguments(tmp_path: Path) -> None:
    host = Host(home=tmp_path)
    [answer] = host.perform(
        "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>&1 | grep -ao 'canary-[0-9a-f]*'; echo looked"
    )
    assert answer["output"].endswith("looked\n")
    assert not host.found(answer["output"])


OWN = """
import os
for number in os.listdir("/proc/self/fd"):
    try:
        print(number, os.readlink(f"/proc/self/fd/{number}"))
        if int(number) > 2:
            print(os.read(int(number), 1000))
    except OSError as error:
        print(number, error.strerror)
"""


def test_a_command_inherits_no_open_file_and_no_socket(tmp_path: Path) -> None:
    host = Host(home=tmp_path)
    [answer] = host.perform(python(OWN))
    assert not host.found(answer["output"])
    assert "socket:" not in answer["output"]


def test_nothing_that_leads_to_credentials_or_to_the_runtime_is_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    host = Host(home=tmp_path)
    (tmp_path / ".aws" / "credentials").write_text(host.canary)
    [answer] = host.perform("env; cat ~/.aws/credentials ~/.aws/config; ls -A ~")
    names = {line.partition("=")[0] for line in answer["output"].splitlines()}
    assert names.isdisjoint(CREDENTIALS)
    assert not [name for name in names if name.startswith(("AWS", "_", "LAMBDA", "PYTHON")) and name != "_"]
    assert not host.found(answer["output"])


CRASH = """
import os, signal
supervisor = os.getppid()
status = open(f"/proc/{supervisor}/status").read()
above = int(status.partition("PPid:")[2].split()[0])
os.kill(above, signal.SIGSEGV)
os.kill(supervisor, signal.SIGSEGV)
os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_a_command_that_makes_those_above_it_crash_gets_no_picture_of_their_memory(tmp_path: Path) -> None:
    answers, status = Host(home=tmp_path).outcome(python(CRASH))
    assert (answers, status) == ([], -11)
    assert list(tmp_path.glob("*core*")) == []


OVERWRITE = """
for p in $PPID $(awk '/^PPid/ {print $2}' /proc/$PPID/status); do
  (echo x >> /proc/$p/mem) && echo got in
done
echo looked
"""


def test_a_command_cannot_write_into_the_memory_of_those_above_it(tmp_path: Path) -> None:
    host = Host(home=tmp_path, privileges=False)
    [answer] = host.perform(OVERWRITE)
    assert answer["output"].endswith("looked\n")
    assert not host.found(answer["output"])


FRONT_DOOR = """
import json, sys
import app
print(json.dumps(app.sandbox(json.load(sys.stdin), None)))
"""


@pytest.mark.parametrize("way", ["environment", "memory", "trace"])
def test_the_function_of_the_front_door_hides_as_well(way: str, tmp_path: Path) -> None:
    host = Host(home=tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FRONT_DOOR],
        input=json.dumps({"command": python(LOOK, way), "timeout_seconds": 10}),
        env=dict.fromkeys(CREDENTIALS, host.canary),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["output"].endswith("looked\n")
    assert not host.found(answer["output"])


@pytest.mark.parametrize("way", ["environment", "files"])
def test_the_sandbox_of_the_local_stack_has_nothing_to_hide(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(home=tmp_path)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", host.canary)
    opened = os.open(tmp_path / "secrets", os.O_RDWR | os.O_CREAT)
    os.write(opened, host.canary.encode())
    os.set_inheritable(opened, True)
    try:
        answer = SandboxProcesses().invoke({"command": python(LOOK, way), "timeout_seconds": 10}, 60)
    finally:
        os.close(opened)
    assert answer["output"].endswith("looked\n")
    assert not host.found(answer["output"])
