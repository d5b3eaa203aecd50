"""What the playground's tests share: a playground on a copy of an example, the command line, and a
picture of the host to compare before and after."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EXAMPLES = os.path.join(ROOT, "deploy", "examples")
PROGRAM = os.path.join(ROOT, "deploy", "playground")
sys.path.insert(0, os.path.join(ROOT, "deploy", "playground.d"))

import matrix  # noqa: E402
import netns  # noqa: E402
import playground as playground_module  # noqa: E402
import probes  # noqa: E402


def command_line(*arguments, timeout=120, **options):
    """Runs deploy/playground without building; its exit status and output."""
    verb, rest = arguments[0], arguments[1:]
    return subprocess.run([PROGRAM, verb, "--no-build", *rest], capture_output=True, text=True,
                          check=False, timeout=timeout, stdin=subprocess.DEVNULL, **options)


def unique_name(suffix=""):
    return f"sluice-test-{os.getpid()}{suffix}"


def wait_until(condition, seconds=10.0):
    """The first true value of `condition`; the last one if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.02)


class Running:
    """A playground on a private copy of an example, taken down at the end of the block."""

    def __init__(self, example, suffix=""):
        self.example, self.suffix = example, suffix

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="sluice-manifests-")
        shutil.copytree(os.path.join(EXAMPLES, self.example), self.directory, dirs_exist_ok=True)
        self.playground = playground_module.Playground(unique_name(self.suffix))
        self.node = self.playground.node
        try:
            self.playground.up(self.directory)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        self.playground.down()
        shutil.rmtree(self.directory)

    def write(self, name, text):
        """As an editor does it: a new file, renamed over the old one."""
        path = os.path.join(self.directory, name)
        with open(path + ".tmp~", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".tmp~", path)

    def read(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8") as file:
            return file.read()

    def remove(self, name):
        os.unlink(os.path.join(self.directory, name))

    def measure(self):
        self.playground.sync()
        return matrix.measure(self.playground)

    def outcome(self, source, target, protocol, port, family=4, answer=probes.ANSWER):
        """One probe, now."""
        question = matrix.Question(source, target, protocol, port, family)
        return matrix.try_packets(self.playground, [question], 0.5, answer)[0]

    def becomes(self, outcome, *question, seconds=10.0):
        """Whether probe after probe one has this outcome in time. One that had connected when its
        permission went away never hears an answer: it is given up soon."""
        return wait_until(lambda: self.outcome(*question, answer=0.5) == outcome, seconds)

    def flows(self):
        """The agent's flows without their counters and ages, sorted; not what the switch itself has
        learned of SCTP associations."""
        text = self.node.ofctl("dump-flows", options=("--names", "--no-stats"))
        return sorted(line.strip() for line in text.splitlines()
                      if "actions=" in line and "table=SctpReply," not in line)

    def flow_mods(self):
        """Changes that the switch has carried out for connections that have closed by now; it
        counts them in its log (and for open ones only after 10 seconds)."""
        with open(os.path.join(self.node.logs, "ovs-vswitchd.log"), encoding="utf-8") as file:
            return sum(map(int, re.findall(r": (\d+) flow_mods", file.read())))


class Connection:
    """A TCP connection from inside a namespace to a listener, which echoes."""

    def __init__(self, running, source, target, port, family=4):
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            netns.enter(running.playground.namespace_of(source))
            self.socket = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET,
                                        socket.SOCK_STREAM)
        finally:
            netns.enter(f"/proc/self/fd/{home}")
            os.close(home)
        self.socket.settimeout(5)
        self.socket.connect((running.playground.address_of(target, family), port))
        self.greeting = self._line()

    def _line(self):
        text = b""
        while not text.endswith(b"\n"):
            data = self.socket.recv(4096)
            if not data:
                raise ConnectionError("closed")
            text += data
        return text.decode().strip()

    def echoes(self, word, timeout=1.0):
        """True if `word` comes back in time. Words of earlier calls may come late: they are
        passed over."""
        self.socket.settimeout(timeout)
        deadline = time.monotonic() + timeout
        try:
            self.socket.sendall(word.encode() + b"\n")
            while time.monotonic() < deadline:
                if self._line() == word:
                    return True
        except OSError:
            pass
        return False

    def close(self):
        self.socket.close()


def host_snapshot():
    """What of the host a playground must leave as it was."""
    def output(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return sorted(done.stdout.splitlines())

    processes = [line for line in output("ps", "-eo", "args")
                 if any(word in line for word in ("ovs-vswitchd", "ovsdb-server", "sluice-agent",
                                                  "listeners.py"))
                 # the switches of other tests on this machine are none of ours
                 and "<defunct>" not in line and "/tmp/" not in line]
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        mounts = sorted(line.split()[4] for line in file)
    changed_etc = output("find", "/etc", "-newermt", _started(), "-type", "f")
    return {
        "links": [line.split()[0] for line in output("ip", "-br", "link")],
        "routes": output("ip", "route", "show", "table", "all"),
        "rules": output("ip", "rule"),
        "ruleset": output("nft", "list", "ruleset"),
        "namespaces": output("lsns", "-t", "net", "-n", "-o", "NS"),
        "processes": processes,
        "mounts": mounts,
        "/run": sorted(os.listdir("/run")),
        "/etc": changed_etc,
        "/var/lib/cni": sorted(os.listdir("/var/lib/cni")) if os.path.isdir("/var/lib/cni") else [],
        "forwarding": output("sysctl", "-n", "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"),
    }


_STARTED = []


def _started():
    if not _STARTED:
        _STARTED.append(time.strftime("%Y-%m-%d %H:%M:%S"))
    return _STARTED[0]
