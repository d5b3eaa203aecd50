"""The playground's own processes: started with a mark in their environment, found by it again,
whatever happened in between."""

import os
import signal
import subprocess
import time

MARK = "SLUICE_PLAYGROUND"
_children = []  # of this process; a daemon outlives it, no object must complain of that


def environment(name, **more):
    return {**os.environ, MARK: name, **more}


def start(name, arguments, log, **more):
    """A daemon: its own session, so that Ctrl-C is not for it; output to `log`."""
    with open(log, "ab") as output:
        daemon = subprocess.Popen(arguments, env=environment(name, **more), stdout=output,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  start_new_session=True)
    _children.append(daemon)
    return daemon


def _pids():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def _bears(pid, mark):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return mark in file.read().split(b"\0")
    except OSError:
        return False


def _namespace(pid):
    try:
        return os.stat(f"/proc/{pid}/ns/net").st_ino
    except OSError:
        return None


def find(name, namespaces=()):
    """Processes that bear the mark of this playground, or live in one of its namespaces."""
    mark = f"{MARK}={name}".encode()
    inodes = set()
    for path in namespaces:
        try:
            inodes.add(os.stat(path).st_ino)
        except OSError:
            pass
    inodes.discard(os.stat("/proc/self/ns/net").st_ino)
    return [pid for pid in _pids()
            if pid not in (os.getpid(), os.getppid())
            and (_bears(pid, mark) or _namespace(pid) in inodes)]


def _running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def stop(pids, patience=2.0):
    """SIGTERM, then SIGKILL for what is still there; returns when they have ended."""
    for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        for pid in pids:
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pids = [pid for pid in pids if _running(pid)]
            if not pids:
                return
            time.sleep(0.01)


def read_pid(path):
    try:
        with open(path, encoding="utf-8") as file:
            pid = int(file.read().strip())
    except (OSError, ValueError):
        return None
    return pid if _running(pid) else None


def write_pid(path, pid):
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{pid}\n")
