#!/usr/bin/env python3
"""The cases of independent projects, as real objects through the API, judged by real packets between
pods that kubelet runs, on both nodes."""

import os
import time
import unittest

import cases
import packets
from cluster import Cluster
from fence import Fence
from replay import Replay
from tree import CONFORMANCE_CASES


class Judge:
    """Counts what it judges of a file."""

    def __init__(self, cluster, servers):
        self.nodes = list(cluster.nodes.values())
        self.fence = Fence(cluster)
        self.replay = Replay(cluster, servers)
        self.verdicts, self.wrong = 0, []
        self.mended = []  # odd at first, and not when asked again: no fault of a verdict, but to be seen

    def judge(self, place, case):
        steps = case["steps"]
        self.replay.arrange(steps[0], cases.before(steps[0]))
        for number, step in enumerate(steps, 1):
            for action in step["actions"]:
                self.replay.act(action, step)
            here = f"{place}: case {case['id']}, step {number}"
            self.wrong += [f"{here}: {text}" for text in self.replay.differences(step)]
            self.fence.pass_through()
            packets.forget_the_past(self.nodes)
            self._judge_step(here, step)

    def _judge_step(self, here, step):
        cells = cases.cells(step)
        attempts = [packets.Attempt(self.replay.netns(cell.source), self.replay.address(cell.target),
                                    cell.protocol, cell.port, "/".join(cell.target))
                    for cell in cells]
        for cell, verdict in zip(cells, packets.judge(self.nodes, attempts, self.mended)):
            self.verdicts += 1
            if verdict != cell.expected:
                self.wrong.append(f"{here}: {cell}, got {verdict}\n{self._why(cell)}")

    def _why(self, cell):
        """What the agents of both ends say."""
        nodes = {self.replay.node(cell.source), self.replay.node(cell.target)}
        return "\n".join(node.name + ": " + node.why("/".join(cell.source), "/".join(cell.target),
                                                     cell.port, cell.protocol) for node in nodes)


class ConformanceTest(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster()
        for node in self.cluster.nodes.values():
            node.sweep_often()

    def test_cases_of_independent_projects(self):
        """In one life of the agents and of the pods."""
        with packets.Servers() as servers:
            judge = Judge(self.cluster, servers)
            self.addCleanup(judge.replay.clean_up)
            for name in ("k8s-e2e.json", "recipes.json"):
                self.judge_file(judge, name)
        self.assertFalse(judge.wrong, "\n".join(judge.wrong[:20]))

    def judge_file(self, judge, name):
        started, verdicts, wrong = time.monotonic(), judge.verdicts, len(judge.wrong)
        read = cases.read(os.path.join(CONFORMANCE_CASES, name))
        for case in read:
            judge.judge(name, case)
        self.assertGreater(judge.verdicts, verdicts)
        print(f"{name}: {len(read)} cases, {judge.verdicts - verdicts} verdicts, "
              f"{len(judge.wrong) - wrong} wrong, {time.monotonic() - started:.0f} s", flush=True)
        for text in judge.mended:
            print(f"  only when asked again: {text}", flush=True)
        judge.mended.clear()


if __name__ == "__main__":
    unittest.main(warnings="ignore")
