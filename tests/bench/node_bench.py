#!/usr/bin/env python3
"""node_bench.py [--short] cni-add|datapath|megaflows|edit|idle: the scenarios that need a whole node, as root.

Prints a row a line, as JSON, for sluice-bench, which makes its table of them. A node is that of
deploy/playground: a network namespace with a private Open vSwitch (userspace datapath) and the
real agent; nothing leaves those namespaces.
"""

import argparse
import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
for folder in (os.path.join(ROOT, "deploy", "playground.d"),
               os.path.join(ROOT, "tests", "playground"), os.path.join(HERE, "node")):
    sys.path.insert(0, folder)

import cni_add  # noqa: E402
import datapath  # noqa: E402
import edit  # noqa: E402
import idle  # noqa: E402

SCENARIOS = {"cni-add": cni_add.run, "datapath": datapath.run,
             "megaflows": datapath.run_megaflows, "edit": edit.run,
             "idle": idle.run}


def main():
    arguments = argparse.ArgumentParser(description=__doc__,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--short", action="store_true", help="a few rounds of everything")
    arguments.add_argument("scenario", choices=sorted(SCENARIOS))
    options = arguments.parse_args()
    rows = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # where the playground says what it does
        for row in SCENARIOS[options.scenario](options.short):
            print(row, file=rows, flush=True)


if __name__ == "__main__":
    main()
