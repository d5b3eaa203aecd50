"""One playground by its name: what belongs to it, how it comes up, follows its manifests, goes."""

import contextlib
import fcntl
import json
import os
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import manifests
import netns
import outside
import pods
import processes
import teardown
from console import Failure, Step, warn
from node import NETWORKS, Node

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Another build tree's programs (a sanitizer build, say) are tried by SLUICE_BIN_DIR and --no-build.
BINARIES = os.environ.get("SLUICE_BIN_DIR", os.path.join(ROOT, "build", "bin"))
MARKER = "this-is-a-sluice-playground"


class Playground:
    def __init__(self, name):
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
            raise Failure(f"--name {name}: use up to 40 of a-z, 0-9 and '-'")
        self.name = name
        self.state_dir = os.path.join("/run", name)
        self.node = Node(name, self.state_dir, BINARIES)
        self.cni = pods.Cni(self.node)
        self.state = {"directory": "", "pods": {}, "hosts": {}, "generation": 0, "legs": 0}
        self.manifests = None
        self.refused = {}  # pod -> CniError, of the last sync

    # --- state ------------------------------------------------------------------------------

    def _file(self, name):
        return os.path.join(self.state_dir, name)

    def _save(self):
        with open(self._file("state.json.new"), "w", encoding="utf-8") as file:
            json.dump(self.state, file, indent=1)
        os.rename(self._file("state.json.new"), self._file("state.json"))

    def load(self):
        """For verbs that need a running playground."""
        try:
            with open(self._file("state.json"), encoding="utf-8") as file:
                self.state = json.load(file)
        except (OSError, ValueError) as error:
            raise Failure(f"{self.name} is not up: start it with 'deploy/playground up'") from error
        return self

    @contextlib.contextmanager
    def _locked(self):
        with open(self._file("lock"), "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def namespace_of(self, who):
        """Path of the namespace of a pod (namespace/name, or a name in default), host or node."""
        if who == "node":
            return self.node.netns
        if who in self.state["hosts"]:
            return outside.path(self.state_dir, who)
        key = who if "/" in who else f"default/{who}"
        if key in self.state["pods"]:
            return pods.path(self.state_dir, key)
        known = [*self.state["pods"], *self.state["hosts"], "node"]
        raise Failure(f"there is no {who}; there are: {' '.join(known)}")

    def addresses_of(self, who):
        """By family: 4, 6."""
        if who == "node":
            return {family: gateway for family, (_, gateway) in NETWORKS.items()}
        addresses = self.state["pods"][who]["addresses"] if who in self.state["pods"] else [who]
        return {6 if ":" in address else 4: address for address in addresses}

    def address_of(self, who, family=4):
        return self.addresses_of(who)[family] if who in self.state["pods"] else who

    def party_of(self, who, family):
        """What sluicectl calls it."""
        return f"{who}@{self.address_of(who, family)}" if who in self.state["pods"] else who

    # --- up ---------------------------------------------------------------------------------

    def up(self, directory):
        directory = os.path.abspath(directory)
        if not os.path.isdir(directory):
            raise Failure(f"{directory}: no such directory")
        if not manifests.read(directory).pods:
            raise Failure(f"{directory}: no Pod in its manifests (*.yaml, *.yml, *.json)")
        self._check_programs()
        self._claim()
        self.state["directory"] = directory
        with Step("node: its network namespace and Open vSwitch"):
            self.node.create()
            self.node.start_switch()
        with Step("agent: in sync with the manifests and the switch"):
            self.node.start_agent(directory)
        self._save()
        with Step("pods, attached by the CNI plugin") as step:
            self.sync()
            hosts = len(self.state["hosts"])
            step.detail = f"{len(self.state['pods'])}; outside hosts: {hosts}"

    def _check_programs(self):
        for program in ("sluice-agent", "sluice", "sluicectl"):
            path = os.path.join(self.node.binaries, program)
            if not os.access(path, os.X_OK):
                raise Failure(f"{path} is not built (leave --no-build away)")

    def _claim(self):
        """Makes the state directory ours; a crashed playground's is cleared first."""
        try:
            os.mkdir(self.state_dir, mode=0o755)
        except FileExistsError as error:
            if not self.is_ours():
                raise Failure(f"{self.state_dir} belongs to something else: "
                              "use another --name") from error
            if self.node.pid("sluice-agent") or self.node.pid("ovs-vswitchd"):
                raise Failure(f"{self.name} is up already: 'deploy/playground matrix', or 'down', "
                              "or another --name") from error
            with Step("clearing what a crash left behind"):
                teardown.take_down(self.name, self.state_dir)
            os.mkdir(self.state_dir, mode=0o755)
        with open(self._file(MARKER), "w", encoding="utf-8"):
            pass

    def is_ours(self):
        return os.path.exists(self._file(MARKER)) or not os.listdir(self.state_dir)

    # --- following the manifests ------------------------------------------------------------

    def sync(self):
        """Pods, outside hosts and listeners become what the manifests ask for now."""
        with self._locked():
            if os.path.exists(self._file("state.json")):
                self.load()
            wanted = self.manifests = manifests.read(self.state["directory"])
            gone = self._gone(wanted)
            hosts = {host.address: host for host in outside.choose(
                wanted, [cidr for cidr, _ in NETWORKS.values()])}
            self._attach_hosts(hosts)
            self._attach_pods(wanted)
            self._listen(wanted, gone)
            for key in gone:
                self._detach_pod(key)
            for address in [old for old in self.state["hosts"] if old not in hosts]:
                self._detach_host(address)
            self._save()

    def _gone(self, wanted):
        """Pods whose manifest is gone for good. A file in the middle of being written, or broken,
        removes no pod: the agent too keeps the last good version in force."""
        gone = [key for key in self.state["pods"] if key not in wanted.pods]
        if gone and not wanted.unreadable:
            time.sleep(0.2)
            again = manifests.read(self.state["directory"])
            return [] if again.unreadable else [key for key in gone if key not in again.pods]
        return []

    def _attach_hosts(self, hosts):
        for host in hosts.values():
            if host.address not in self.state["hosts"]:
                leg = self.state["legs"] = self.state["legs"] + 1
                outside.attach(self.node.netns, self.state_dir, host, leg)
                self.state["hosts"][host.address] = {"why": host.why, "leg": leg}
            self.state["hosts"][host.address]["why"] = host.why

    def _attach_pods(self, wanted):
        new = [key for key in sorted(wanted.pods) if key not in self.state["pods"]]
        self.refused = {}
        for key in new:
            path = pods.path(self.state_dir, key)
            if not netns.is_namespace(path):
                netns.create(path)

        def add(key):
            try:
                return self.cni.add(key, pods.path(self.state_dir, key))
            except Failure as error:
                return error

        with ThreadPoolExecutor(8) as pool:
            for key, result in zip(new, pool.map(add, new)):
                if isinstance(result, Failure):
                    self.refused[key] = result
                    netns.remove(pods.path(self.state_dir, key))
                else:
                    self.state["pods"][key] = {"addresses": result}

    def _detach_pod(self, key):
        try:
            self.cni.delete(key, pods.path(self.state_dir, key))
        except Failure as error:
            warn(f"  {error}")
        netns.remove(pods.path(self.state_dir, key))
        del self.state["pods"][key]

    def _detach_host(self, address):
        netns.ip_batch(self.node.netns, [f"link del out{self.state['hosts'][address]['leg']}"])
        netns.remove(outside.path(self.state_dir, address))
        del self.state["hosts"][address]

    def _listen(self, wanted, gone):
        servers = {}
        for who in [*self.state["pods"], *self.state["hosts"]]:
            if who not in gone:
                servers[self.namespace_of(who)] = {"who": who, "ports": wanted.ports_of(who)}
        config = self._file("listeners.json")
        previous = None
        if os.path.exists(config):
            with open(config, encoding="utf-8") as file:
                previous = json.load(file)
        pid = processes.read_pid(self._file("listeners.pid"))
        if pid and previous and previous["servers"] == servers:
            return
        self.state["generation"] += 1
        with open(config, "w", encoding="utf-8") as file:
            json.dump({"generation": self.state["generation"], "servers": servers}, file)
        if pid:
            os.kill(pid, signal.SIGHUP)
        else:
            started = processes.start(
                self.name, [sys.executable, os.path.join(HERE, "listeners.py"), self.state_dir],
                os.path.join(self.node.logs, "listeners.log"))
            processes.write_pid(self._file("listeners.pid"), started.pid)
        self._wait_for_listeners()

    def _wait_for_listeners(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError):
                with open(self._file("listeners.ack"), encoding="utf-8") as file:
                    if int(file.read()) == self.state["generation"]:
                        return
            time.sleep(0.005)
        raise Failure(f"the listeners do not come up; see {self.node.logs}/listeners.log")

    # --- down -------------------------------------------------------------------------------

    def down(self):
        """True if there was anything. Pods leave by CNI DEL as long as there is an agent to ask."""
        if os.path.exists(self.state_dir) and not self.is_ours():
            raise Failure(f"{self.state_dir} is not a playground's: left alone")
        with contextlib.suppress(Failure):
            self.load()
        if self.node.pid("sluice-agent") and self.node.pid("ovs-vswitchd"):
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(self._say_goodbye, self.state["pods"]))
        return teardown.take_down(self.name, self.state_dir)

    def _say_goodbye(self, key):
        try:
            self.cni.delete(key, pods.path(self.state_dir, key))
        except Failure as error:
            warn(f"  {error}")
