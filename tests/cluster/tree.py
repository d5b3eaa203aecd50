"""Where things are in this tree; importing it makes deploy/playground.d's modules importable."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAMS = os.environ.get("SLUICE_BIN_DIR", os.path.join(ROOT, "build", "bin"))
CLUSTER_SCRIPTS = os.path.join(ROOT, "deploy", "cluster")
CONFORMANCE_CASES = os.path.join(os.path.dirname(ROOT), "shared", "conformance")

# At the end: both folders may have a module of one name.
sys.path.append(os.path.join(ROOT, "deploy", "playground.d"))
