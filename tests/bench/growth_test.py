#!/usr/bin/env python3
"""growth_test.py PROGRAM: how the agent's work grows with the cluster, in instructions.

callgrind counts those of the parts that sluice-bench times; the count does not depend on how busy
the machine is. An exponent of 1 is proportional; a quadratic loop anywhere shows at these sizes.
"""

import math
import re
import subprocess
import sys
import unittest

PROGRAM = None
SIZES = (1000, 4000)


def instructions(scenario, size):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no",
         "--toggle-collect=*sluice::bench::Stopwatch::Time*", PROGRAM, scenario, str(size)],
        capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def exponent(scenario, sizes=SIZES):
    small, large = (instructions(scenario, size) for size in sizes)
    found = math.log(large / small) / math.log(sizes[1] / sizes[0])
    print(f"{scenario}: {small} instructions at {sizes[0]}, {large} at {sizes[1]}: "
          f"exponent {found:.2f}", flush=True)
    return found


class GrowthTest(unittest.TestCase):
    def test_from_scratch_is_proportional(self):
        for scenario in ("many-namespaces", "equal-policies", "pairs", "across-namespaces"):
            with self.subTest(scenario):
                self.assertLess(exponent(scenario), 1.1)

    def test_from_scratch_is_proportional_in_the_other_order(self):
        for scenario in ("many-namespaces", "equal-policies", "pairs"):
            with self.subTest(scenario):
                self.assertLess(exponent(scenario + "-policies-first"), 1.1)

    def test_an_event_costs_the_same_in_any_cluster(self):
        self.assertLess(exponent("events", (5000, 20000)), 0.1)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
