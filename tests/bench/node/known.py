"""Manifests for the agent, and when it has taken them in."""

import os

import harness

# What the agent's status counts, and how it looks in a manifest. A pod without an address is not
# counted; its ADD waits until it is known.
MARKS = {"pods": '"podIP":', "policies": '"kind": "NetworkPolicy"'}


def _counts(text):
    return {what: text.count(mark) for what, mark in MARKS.items()}


def write(running, files):
    """`files`: name -> text of cluster.py. Back when the agent knows them and the switch has what follows:
    10,000 policies take it seconds, and cores that a measurement would miss."""
    wanted = {what: running.node.engine.status()[what] for what in MARKS}
    for name, text in files.items():
        there = os.path.exists(os.path.join(running.directory, name))
        before = _counts(running.read(name) if there else "")
        for what, count in _counts(text).items():
            wanted[what] += count - before[what]
        running.write(name, text)

    def is_known():
        status = running.node.engine.status()
        return status["inSync"] and all(status[what] == wanted[what] for what in wanted)

    if not harness.wait_until(is_known, 60):
        raise SystemExit(f"the agent does not know {wanted} after a minute")
