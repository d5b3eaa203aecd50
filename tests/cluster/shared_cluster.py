#!/usr/bin/env python3
"""The cluster that the other tests share: `shared_cluster.py up` starts it, `shared_cluster.py down` ends it."""

import sys

from cluster import NAME, Cluster

if __name__ == "__main__":
    Cluster.down(NAME)
    if sys.argv[1:] != ["down"]:
        Cluster.up(NAME)
