"""One node of the cluster: its namespaces, commands in them, its switch and its agent."""

import fcntl
import glob
import json
import os
import socket
import struct
import subprocess
import threading
from contextlib import contextmanager

from tree import PROGRAMS

import netns
BRIDGE = "br-int"

_SIOCGIFADDR = 0x8915


@contextmanager
def inside(path):
    """The calling thread is in the network namespace until the end of the block. Sockets stay where
    they were made."""
    home = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
    try:
        netns.enter(path)
        yield
    finally:
        netns.enter(f"/proc/self/fd/{home}")
        os.close(home)


def _address_of_eth0(path):
    with inside(path), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        try:
            answer = fcntl.ioctl(control, _SIOCGIFADDR, struct.pack("16s16x", b"eth0"))
        except OSError:
            return None
    return socket.inet_ntoa(answer[20:24])


class Node:
    """`number` is as in deploy/cluster/on; number 0 is the world outside, between the nodes."""

    def __init__(self, number, pid):
        self.number, self.pid = number, pid
        self.name = f"node{number}"
        self.address = f"172.30.0.{number or 254}"
        self.netns = f"/proc/{pid}/ns/net"
        self.root = f"/proc/{pid}/root"  # the node's files, from here

    def run(self, *command, check=True, timeout=60, **options):
        """A command in all of the node's namespaces; this machine's programs are there."""
        return subprocess.run(["nsenter", "-t", str(self.pid), "-a", "--", *command], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=check,
                              stdin=subprocess.DEVNULL, timeout=timeout, **options)

    def sluicectl(self, *arguments):
        """What it prints, whatever its exit status."""
        return self.run(os.path.join(PROGRAMS, "sluicectl"), *arguments, check=False).stdout

    def why(self, source, destination, port, protocol="tcp"):
        return self.sluicectl("why", source, f"{destination}:{port}/{protocol.lower()}")

    def ask_agent(self, method, **members):
        """The agent's answer on its status socket (agent/status/queries.h). OSError while it is not
        there."""
        with socket.socket(socket.AF_UNIX) as status:
            status.settimeout(10)
            status.connect(f"{self.root}/run/sluice/status.sock")
            status.sendall(json.dumps({"method": method, **members}).encode() + b"\n")
            text = b""
            while not text.endswith(b"\n"):
                data = status.recv(1 << 20)
                if not data:
                    raise ConnectionError("the agent closed its status socket")
                text += data
        return json.loads(text)["result"]

    def pod_namespaces(self):
        """Address -> path of the pod's network namespace, of every pod that is attached now."""
        found = {}
        for path in glob.glob(f"{self.root}/run/netns/*"):
            try:
                address = _address_of_eth0(path)
            except OSError:
                continue  # gone meanwhile, or not yet mounted
            if address:
                found[address] = path
        return found

    def metrics(self):
        """The agent's, as {"name{labels}": value}."""
        with inside(self.netns):
            connection = socket.create_connection((self.address, 9560), timeout=5)
        with connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        samples = {}
        for line in text.partition("\r\n\r\n")[2].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples

    def sweep_often(self):
        """At least every 100 ms the switch goes over its megaflows (500 by default): tests wait for
        it to."""
        self.run("ovs-vsctl", "--db=unix:/run/openvswitch/db.sock", "set", "Open_vSwitch", ".",
                 "other_config:max-revalidator=100")

    @property
    def switch(self):
        return Switch(f"{self.root}/run/openvswitch")


class Switch:
    """ovs-vswitchd, asked on its control socket (ovs-vswitchd(8), RUNTIME MANAGEMENT COMMANDS)."""

    def __init__(self, rundir):
        self.rundir = rundir

    def call(self, *commands):
        """One answer a command; each is (method, *arguments). All over one connection."""
        sockets = glob.glob(f"{self.rundir}/ovs-vswitchd*.ctl")
        # After a crash the old one's is still there.
        path = max(sockets, key=lambda name: os.stat(name).st_mtime)
        answers = []
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(path)
            for number, (method, *arguments) in enumerate(commands):
                control.sendall(json.dumps(
                    {"id": number, "method": method, "params": arguments}).encode())
                answers.append(self._answer(control))
        return answers

    @staticmethod
    def _answer(control):
        text = b""
        while True:
            data = control.recv(1 << 20)
            if not data:
                raise ConnectionError("ovs-vswitchd closed its control socket")
            text += data
            try:
                answer = json.loads(text)
            except json.JSONDecodeError:
                continue
            if answer["error"]:
                raise OSError(answer["error"])
            return answer["result"]

    def flows(self):
        """After a whole sweep over the megaflows: their packets are counted, and none is left that
        flows of now would not make."""
        return self.call(("revalidator/pause",), ("revalidator/resume",), ("revalidator/wait",),
                         ("bridge/dump-flows", BRIDGE))[-1]
