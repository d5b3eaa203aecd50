#!/usr/bin/env python3
"""node_test.py: of the scenarios on a whole node, what is exact: megaflows and masks do not grow with the
number of policies, nor with that of sources. Root."""

import json
import os
import subprocess
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class MegaflowsTest(unittest.TestCase):
    def test_megaflows_are_bounded(self):
        done = subprocess.run([os.path.join(HERE, "node_bench.py"), "megaflows"], check=True,
                              stdout=subprocess.PIPE, text=True)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(rows), 5)
        for row in rows:
            with self.subTest(row["name"]):
                self.assertLessEqual(row["value"], row["goal"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
