"""Renaming a policy file over the old one → the first packet with the new verdict."""

import os
import socket
import time

import cluster
import harness
import netns
import pods
import rows

EDITS = 20
SHORT_EDITS = 5
ALLOW = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: server}
spec:
  podSelector: {matchLabels: {name: server}}
  ingress: [{from: [{podSelector: {matchLabels: {name: client}}}], ports: [{protocol: UDP, port: 7}]}]
"""
DENY = ALLOW.replace("{name: client}", "{name: nobody}")


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


def run(short):
    with harness.Running("default-deny", "-edit") as running:
        running.write("bench-local.yaml", cluster.local_pods(("server", "client")))
        spaces, address = {}, {}
        for name in ("server", "client"):
            spaces[name] = pods.path(running.playground.state_dir, f"default/{name}")
            netns.create(spaces[name])
            address[name] = running.playground.cni.add(f"default/{name}", spaces[name])[0]
        running.write("server.yaml", ALLOW)
        server, client = socket_in(spaces["server"]), socket_in(spaces["client"])
        server.bind(("", 7))
        until("open", client, server, address["server"])
        delays = {"revoke": [], "grant": []}
        for _ in range(SHORT_EDITS if short else EDITS):
            for kind, text, outcome in (("revoke", DENY, "dropped"), ("grant", ALLOW, "open")):
                running.write("server.yaml", text)
                started = time.perf_counter()
                seen = until(outcome, client, server, address["server"])
                delays[kind].append(max(0.0, seen - started) * 1e3)
                time.sleep(0.05)
    for kind, taken in delays.items():
        yield rows.median(f"edit/{kind}/p50", taken, "ms")
