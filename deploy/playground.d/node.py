"""The node: a network namespace with a private Open vSwitch (userspace datapath) and the agent."""

import os
import signal
import subprocess
import time

import netns
import processes
from console import Failure
from engine import Engine

BRIDGE = "br-int"
# Of each family: the pods' prefix and their gateway.
NETWORKS = {4: ("10.244.0.0/24", "10.244.0.1")}
if netns.has_ipv6():
    NETWORKS[6] = ("fd00:10:244::/64", "fd00:10:244::1")
GATEWAY_PORT = "sluice-gw0"
HTTP_PORT = 9560  # in the node's namespace: /healthz, /readyz, /metrics
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
TUN = "/dev/net/tun"


class Node:
    def __init__(self, name, state_dir, binaries):
        self.name, self.state_dir, self.binaries = name, state_dir, binaries
        self.netns = os.path.join(state_dir, "netns", "node")
        self.ovs = os.path.join(state_dir, "ovs")
        self.logs = os.path.join(state_dir, "log")
        self.database = os.path.join(self.ovs, "db.sock")
        self.cni_socket = os.path.join(state_dir, "cni.sock")
        self.engine = Engine(os.path.join(binaries, "sluicectl"),
                             os.path.join(state_dir, "status.sock"))

    # --- namespace and switch ---------------------------------------------------------------

    def create(self):
        for directory in (self.ovs, self.logs):
            os.makedirs(directory, mode=0o755)
        if not os.path.exists(TUN):  # as in a bare chroot; the switch needs taps
            os.makedirs(os.path.dirname(TUN), exist_ok=True)
            os.mknod(TUN, 0o600 | 0o020000, os.makedev(10, 200))
            with open(os.path.join(self.state_dir, "made-tun"), "w", encoding="utf-8"):
                pass
        netns.create(self.netns)
        # As many distributions have it, whatever this host has: the agent must cope with both.
        netns.set_sysctls(self.netns, {
            "net.ipv4.ip_forward": "0",
            "net.ipv4.conf.all.rp_filter": "1",
            "net.ipv4.conf.default.rp_filter": "1",
        })

    def _ovs_environment(self):
        return processes.environment(self.name, OVS_RUNDIR=self.ovs, OVS_LOGDIR=self.logs,
                                     OVS_DBDIR=self.ovs, OVS_SYSCONFDIR=self.ovs)

    def _ovs_run(self, *arguments):
        done = subprocess.run(netns.command(self.netns, *arguments), env=self._ovs_environment(),
                              capture_output=True, text=True, check=False, timeout=30)
        if done.returncode != 0:
            raise Failure(f"{arguments[0]}: {done.stderr.strip() or done.stdout.strip()}\n"
                          f"(more in {self.logs})")
        return done.stdout

    def _daemon_options(self, daemon):
        return [f"--unixctl={self.ovs}/{daemon}.ctl", f"--pidfile={self.ovs}/{daemon}.pid",
                f"--log-file={self.logs}/{daemon}.log", "-vconsole:off", "-vsyslog:off",
                "--no-chdir", "--detach"]

    def start_switch(self):
        if not os.path.exists(os.path.join(self.ovs, "conf.db")):
            self._ovs_run("ovsdb-tool", "create", os.path.join(self.ovs, "conf.db"), SCHEMA)
        if not self.pid("ovsdb-server"):
            self._ovs_run("ovsdb-server", os.path.join(self.ovs, "conf.db"),
                          f"--remote=punix:{self.database}", *self._daemon_options("ovsdb-server"))
            self.vsctl("--no-wait", "init")
        if not self.pid("ovs-vswitchd"):
            self._ovs_run("ovs-vswitchd", f"unix:{self.database}",
                          *self._daemon_options("ovs-vswitchd"))

    def vsctl(self, *arguments):
        return self._ovs_run("ovs-vsctl", f"--db=unix:{self.database}", *arguments)

    def ofctl(self, verb, *arguments, options=(), bridge=BRIDGE):
        management = os.path.join(self.ovs, f"{bridge}.mgmt")
        return self._ovs_run("ovs-ofctl", "-O", "OpenFlow15", *options, verb, management,
                             *arguments)

    def appctl(self, *arguments):
        return self._ovs_run("ovs-appctl", "-t", os.path.join(self.ovs, "ovs-vswitchd.ctl"),
                             *arguments)

    # --- agent ------------------------------------------------------------------------------

    def start_agent(self, manifests):
        arguments = netns.command(
            self.netns, os.path.join(self.binaries, "sluice-agent"), f"--manifests={manifests}",
            f"--run_dir={self.state_dir}", f"--ovs_db={self.database}",
            f"--ovs_rundir={self.ovs}", f"--bridge={BRIDGE}", "--datapath=netdev",
            f"--pod_cidr={','.join(cidr for cidr, _ in NETWORKS.values())}",
            f"--gateway={','.join(gateway for _, gateway in NETWORKS.values())}",
            f"--gateway_port={GATEWAY_PORT}",
            f"--http_address=127.0.0.1:{HTTP_PORT}", "--logtostderr")
        log = os.path.join(self.logs, "sluice-agent.log")
        agent = processes.start(self.name, arguments, log)
        processes.write_pid(self._pidfile("sluice-agent"), agent.pid)
        deadline = time.monotonic() + 15
        while not self.engine.in_sync():
            if agent.poll() is not None:
                raise Failure(f"sluice-agent ended ({_how(agent.returncode)}); its last words:\n"
                              + tail(log, 8))
            if time.monotonic() > deadline:
                raise Failure("sluice-agent is not in sync after 15 s:\n"
                              f"{self.engine.status_text()}\n{tail(log, 8)}")
            time.sleep(0.02)

    def _pidfile(self, daemon):
        return os.path.join(self.ovs, f"{daemon}.pid")

    def pid(self, daemon):
        """Of sluice-agent, ovs-vswitchd or ovsdb-server; None if it is not running."""
        return processes.read_pid(self._pidfile(daemon))

    def kill(self, daemon, sign=signal.SIGTERM):
        """Ends a daemon and waits until it has ended."""
        pid = self.pid(daemon)
        if pid:
            os.kill(pid, sign)
            deadline = time.monotonic() + 5
            while self.pid(daemon) and time.monotonic() < deadline:
                time.sleep(0.005)


def _how(code):
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def tail(path, lines):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join("    " + line for line in file.readlines()[-lines:]).rstrip()
    except OSError:
        return ""
