#!/usr/bin/env python3
"""The first figures, by one command:  sudo tests/bench/figures.py [--json]

  cni-add   ADD and DEL of 50 pods, one by one, as a runtime calls the plugin; beside it, in the
            same run, the reference bridge plugin with the same IPAM (the ratio is what counts)
  edit      renaming a policy file over the old one → the first packet with the new verdict
  flows     of the default example, and of 50 pods without a policy

Medians and percentiles of wall time; machines differ and are noisy.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "deploy", "playground.d"))
sys.path.insert(0, os.path.join(ROOT, "tests", "playground"))

import harness  # noqa: E402
import netns  # noqa: E402
import playground as playground_module  # noqa: E402
import pods  # noqa: E402

PODS = 50
EDITS = 20

NAMESPACED_POD = """apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: bench, name: {name}}}}}
spec: {{containers: [{{name: c, image: none}}]}}
---
"""
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: bench}
spec:
  podSelector: {matchLabels: {app: bench}}
  ingress: [{from: [{podSelector: {matchLabels: {app: bench}}}], ports: [{port: 80}]}]
"""
ALLOW = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: server}
spec:
  podSelector: {matchLabels: {name: server}}
  ingress: [{from: [{podSelector: {matchLabels: {name: client}}}], ports: [{protocol: UDP, port: 7}]}]
"""
DENY = ALLOW.replace("{name: client}", "{name: nobody}")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summary(seconds):
    return {"p50_ms": round(statistics.median(seconds) * 1e3, 2),
            "p99_ms": round(percentile(seconds, 0.99) * 1e3, 2)}


def timed(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def write(directory, name, text):
    path = os.path.join(directory, name)
    with open(path + ".new~", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new~", path)


def reference_plugin(node, namespace, verb, identity, config):
    environment = {"PATH": os.environ["PATH"], "CNI_COMMAND": verb, "CNI_CONTAINERID": identity,
                   "CNI_NETNS": namespace, "CNI_IFNAME": "eth0", "CNI_PATH": pods.CNI_PATH}
    subprocess.run(netns.command(node, os.path.join(pods.CNI_PATH, "bridge")), env=environment,
                   input=config, text=True, capture_output=True, check=True)


def bench_add(running):
    """Sluice's plugin on `running`, the bridge plugin in a namespace of its own."""
    directory = tempfile.mkdtemp(prefix="sluice-bench-")
    other = os.path.join(directory, "node")
    netns.create(other)
    config = json.dumps({
        "cniVersion": "1.0.0", "name": "reference", "type": "bridge", "bridge": "ref0",
        "isGateway": True, "ipam": {"type": "host-local", "dataDir": directory + "/ipam",
                                    "ranges": [[{"subnet": "10.99.0.0/24"}]]}})
    keys = [f"default/bench-{i}" for i in range(PODS)]
    spaces = {key: os.path.join(directory, key.replace("/", "_")) for key in keys}
    for path in spaces.values():
        netns.create(path)
    figures = {"add": [], "del": [], "reference_add": [], "reference_del": []}
    cni = running.playground.cni
    try:
        for key in keys:
            identity = pods.container_id("reference" + key)
            figures["add"].append(timed(lambda: cni.call("ADD", key, spaces[key])))
            if key == keys[-1]:
                figures["flows"] = len(running.flows())
        for key in keys:
            figures["del"].append(timed(lambda: cni.call("DEL", key, spaces[key])))
        for key in keys:
            identity = pods.container_id("reference" + key)
            figures["reference_add"].append(timed(
                lambda: reference_plugin(other, spaces[key], "ADD", identity, config)))
        for key in keys:
            identity = pods.container_id("reference" + key)
            figures["reference_del"].append(timed(
                lambda: reference_plugin(other, spaces[key], "DEL", identity, config)))
    finally:
        for path in [*spaces.values(), other]:
            netns.remove(path)
    return figures


def socket_in(namespace):
    """A UDP socket of that namespace, made by a thread that goes there and back."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        netns.enter(namespace)
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    finally:
        netns.enter(f"/proc/self/fd/{home}")
        os.close(home)


def until(outcome, client, server, address):
    """Sends a packet every half millisecond until one arrives (or, for "dropped", until 20 in a
    row did not); the time of the first packet with the new outcome."""
    missing, first = 0, None
    number = 0
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        number += 1
        sent = time.perf_counter()
        client.sendto(str(number).encode(), (address, 7))
        server.settimeout(0.0005)
        arrived = False
        try:
            while not arrived:
                arrived = server.recv(64) == str(number).encode()
        except (TimeoutError, BlockingIOError):
            pass
        if outcome == "open" and arrived:
            return sent
        missing, first = (0, None) if arrived else (missing + 1, first or sent)
        if outcome == "dropped" and missing == 20:
            return first
    raise SystemExit(f"the verdict did not become {outcome} within 5 s")


def bench_edit(running):
    playground = running.playground
    server = socket_in(playground.namespace_of("server"))
    client = socket_in(playground.namespace_of("client"))
    server.bind(("", 7))
    address = playground.address_of("default/server")
    delays = {"revoke": [], "grant": []}
    until("open", client, server, address)
    for _ in range(EDITS):
        for kind, text, outcome in (("revoke", DENY, "dropped"), ("grant", ALLOW, "open")):
            write(running.directory, "server.yaml", text)
            started = time.perf_counter()
            delays[kind].append(max(0.0, until(outcome, client, server, address) - started))
            time.sleep(0.05)
    return delays


def main():
    arguments = argparse.ArgumentParser(description=__doc__,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--json", action="store_true", help="one JSON object, nothing else")
    options = arguments.parse_args()
    report = {}
    with harness.Running("networkpolicy-page") as running:
        report["flows_of_the_default_example"] = len(running.flows())
    with harness.Running("default-deny") as running:
        text = "".join(NAMESPACED_POD.format(name=name) for name in ("server", "client"))
        write(running.directory, "server-pods.yaml", text)
        running.playground.sync()  # before the policy: its port is to be ours, not a listener's
        write(running.directory, "server.yaml", ALLOW)
        edit = bench_edit(running)
        report["edit_to_packet"] = {kind: summary(delays) for kind, delays in edit.items()}
        bench = "".join(NAMESPACED_POD.format(name=f"bench-{i}") for i in range(PODS))
        write(running.directory, "bench-pods.yaml", bench)
        write(running.directory, "bench-policy.yaml", POLICY)
        add = bench_add(running)
    report["flows_with_50_pods"] = add.pop("flows")
    report["cni"] = {name: summary(seconds) for name, seconds in add.items()}
    report["cni"]["add_ratio_p50"] = round(
        statistics.median(add["add"]) / statistics.median(add["reference_add"]), 2)
    print(json.dumps(report, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
