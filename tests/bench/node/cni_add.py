"""CNI ADD and DEL as a container runtime calls them: one by one and many at once, in a cluster of
10,000 pods and 1,000 policies; the bridge plugin, with the same IPAM plugin, in turn."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import cluster
import harness
import known
import netns
import pods
import rows

PODS = 50
SHORT_PODS = 10
KNOWN_PODS = 10_000
KNOWN_POLICIES = 1_000
# Is here already, and with it the flows of the policies, which select all of these pods. Without it
# the first ADD installs 1,000 policies: a few hundred milliseconds.
FIRST = "bench-first"
IPAM = {"type": "host-local"}


def timed(action, *arguments):
    started = time.perf_counter()
    action(*arguments)
    return (time.perf_counter() - started) * 1e3


class Reference:
    """The bridge plugin, in a namespace of its own."""

    def __init__(self, directory):
        self.node = os.path.join(directory, "bridge-node")
        netns.create(self.node)
        self.config = json.dumps({
            "cniVersion": "1.0.0", "name": "reference", "type": "bridge", "bridge": "ref0",
            "isGateway": True, "ipam": {**IPAM, "dataDir": directory + "/ipam",
                                        "ranges": [[{"subnet": "10.99.0.0/24"}]]}})

    def call(self, verb, key, namespace):
        environment = {"PATH": os.environ["PATH"], "CNI_COMMAND": verb, "CNI_IFNAME": "eth0",
                       "CNI_CONTAINERID": pods.container_id(key), "CNI_NETNS": namespace,
                       "CNI_PATH": pods.CNI_PATH}
        subprocess.run(netns.command(self.node, os.path.join(pods.CNI_PATH, "bridge")),
                       env=environment, input=self.config, text=True, capture_output=True,
                       check=True)


class Sluice:
    def __init__(self, running):
        self.cni = running.playground.cni
        config = json.loads(self.cni.config)
        config["ipam"]["ranges"] = [config["ipam"]["ranges"][0]]  # IPv4, as the reference
        self.config = json.dumps(config)

    def call(self, verb, key, namespace):
        self.cni.call(verb, key, namespace, self.config)


class Namespaces:
    """One for each pod of each plugin."""

    def __init__(self, directory, count):
        self.keys = [f"default/bench-{i}" for i in range(count)]
        self.of = {who: {key: os.path.join(directory, who + key.replace("/", "_"))
                         for key in self.keys} for who in ("sluice", "bridge")}
        for path in self._paths():
            netns.create(path)

    def _paths(self):
        return [path for spaces in self.of.values() for path in spaces.values()]

    def remove(self):
        for path in self._paths():
            netns.remove(path)


def one_by_one(plugins, spaces, verb):
    """Milliseconds of each call, by plugin, in turn."""
    taken = {who: [] for who in plugins}
    for key in spaces.keys:
        for who, plugin in plugins.items():
            taken[who].append(timed(plugin.call, verb, key, spaces.of[who][key]))
    return taken


def at_once(plugin, spaces, verb):
    """Milliseconds until the last of all, started together, has ended."""
    def everything():
        with ThreadPoolExecutor(len(spaces)) as pool:
            list(pool.map(lambda item: plugin.call(verb, *item), spaces.items()))
    return timed(everything)


def know(running, count):
    names = [FIRST, *(f"bench-{i}" for i in range(count))]
    known.write(running, {"bench-local.yaml": cluster.local_pods(names),
                          "bench-policies.yaml": cluster.peer_policies(KNOWN_POLICIES),
                          "bench-remote.yaml": cluster.remote_pods(KNOWN_PODS)})


def rows_of(verb, taken):
    ours, theirs = taken["sluice"], taken["bridge"]
    goal = {"ADD": 40, "DEL": None}[verb]
    yield rows.median(f"cni-add/{verb}/p50", ours, "ms", **({"goal": goal} if goal else {}))
    yield rows.exact(f"cni-add/{verb}/p99", rows.percentile(ours, 0.99), "ms",
                     **({"goal": 150} if goal else {}))
    yield rows.median(f"cni-add/{verb}/p50 against the bridge plugin", ours, "ms",
                      against="bridge plugin", against_value=rows.percentile(theirs, 0.5),
                      goal=1.5, of_ratio=1)


def run(short):
    count = SHORT_PODS if short else PODS
    directory = tempfile.mkdtemp(prefix="sluice-bench-")
    with harness.Running("default-deny", "-add") as running:
        know(running, count)
        plugins = {"sluice": Sluice(running), "bridge": Reference(directory)}
        spaces = Namespaces(directory, count)
        first = os.path.join(directory, FIRST)
        netns.create(first)
        plugins["sluice"].call("ADD", f"default/{FIRST}", first)
        try:
            for verb in ("ADD", "DEL"):
                yield from rows_of(verb, one_by_one(plugins, spaces, verb))
            together = {}
            for who, plugin in plugins.items():
                together[who] = at_once(plugin, spaces.of[who], "ADD")
                at_once(plugin, spaces.of[who], "DEL")
            yield rows.exact(f"cni-add/{count} at once", together["sluice"], "ms", goal=1500,
                             against="bridge plugin", against_value=together["bridge"])
        finally:
            spaces.remove()
            netns.remove(first)
            netns.remove(plugins["bridge"].node)
            shutil.rmtree(directory)
