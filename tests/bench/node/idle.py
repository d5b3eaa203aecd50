"""An agent with nothing to do: how often it is woken (proc(5), voluntary_ctxt_switches)."""

import glob
import re
import time

import harness
import rows

SECONDS = 30
SHORT_SECONDS = 10
KEEP_ALIVE = 5  # seconds: one wake-up in each is the most


def wakeups(pid):
    count = 0
    for path in glob.glob(f"/proc/{pid}/task/*/status"):
        with open(path, encoding="utf-8") as file:
            count += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M)[1])
    return count


def run(short):
    seconds = SHORT_SECONDS if short else SECONDS
    with harness.Running("networkpolicy-page", "-idle") as running:
        pid = running.node.pid("sluice-agent")
        time.sleep(2)  # what attaching the pods has left to do
        before = wakeups(pid)
        time.sleep(seconds)
        woken = wakeups(pid) - before
    yield rows.exact(f"idle/wake-ups in {KEEP_ALIVE} s", woken * KEEP_ALIVE / seconds, "wake-ups",
                     goal=1)
