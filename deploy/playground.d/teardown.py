"""Takes a playground down by its name alone, whatever state a crash has left it in."""

import os
import shutil
import time

import netns
import processes
from console import Failure


def mounts_below(directory):
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            point = line.split()[4].encode().decode("unicode_escape")
            if point.startswith(directory + "/"):
                found.append(point)
    return found


def leftovers(name, state_dir):
    """Processes and paths that still belong to this playground."""
    return processes.find(name, mounts_below(state_dir)), os.path.exists(state_dir)


def take_down(name, state_dir):
    """True if there was anything to take down."""
    mounts = mounts_below(state_dir)
    pids = processes.find(name, mounts)
    existed = bool(pids) or os.path.exists(state_dir)
    # Twice: a process may have started another one while we were looking.
    for _ in range(2):
        if pids:
            processes.stop(pids)
        pids = processes.find(name, mounts)
    for point in mounts:
        netns.remove(point)
    deadline = time.monotonic() + 2
    while mounts_below(state_dir) and time.monotonic() < deadline:
        for point in mounts_below(state_dir):
            netns.remove(point)
    if mounts_below(state_dir):
        raise Failure(f"cannot unmount {' '.join(mounts_below(state_dir))}")
    if os.path.exists(os.path.join(state_dir, "made-tun")):
        os.unlink("/dev/net/tun")
        try:
            os.rmdir("/dev/net")
        except OSError:
            pass
    shutil.rmtree(state_dir, ignore_errors=True)
    if os.path.exists(state_dir):
        raise Failure(f"cannot remove {state_dir}")
    return existed
