"""What the conformance tests share: a playground's node, a pod that only they attach, and libcni's
tools."""

import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "playground"))

import harness  # noqa: E402
import netns  # noqa: E402
from node import NETWORKS  # noqa: E402

POD = "default/conform"
NETWORK = "conform"
VERSIONS = ("0.3.1", "0.4.0", "1.0.0", "1.1.0")
# libcni keeps its results below /var/lib/cni: here that is a directory of the playground.
PRIVATE = 'mount --bind "$0" /var/lib/cni && exec "$@"'


def tools():
    """The directory of cnitool, host-local and gc; None without a Go to build them with."""
    done = subprocess.run([os.path.join(HERE, "build")], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() if done.returncode == 0 else None


class ConformanceCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = harness.Running("networkpolicy-page", "-cnitool")
        cls.running.__enter__()
        cls.addClassCleanup(cls.running.__exit__, None, None, None)
        cls.node, cls.state = cls.running.node, cls.running.playground.state_dir
        cls.tools = tools()
        cls.path = ":".join([cls.node.binaries, cls.tools, "/usr/lib/cni"])
        for name in ("libcni", "net.d"):
            os.makedirs(os.path.join(cls.state, name))
        os.makedirs("/var/lib/cni", exist_ok=True)
        cls.running.write("conform.yaml", f"""
apiVersion: v1
kind: Pod
metadata: {{name: {POD.split("/")[1]}, namespace: default, labels: {{app: conform}}}}
spec: {{containers: [{{name: a, image: a}}]}}
""")
        cls.first = cls.sandbox("first")
        cls.second = cls.sandbox("second")

    @classmethod
    def sandbox(cls, name):
        path = os.path.join(cls.state, "netns", f"conform-{name}")
        netns.create(path)
        return path

    def setUp(self):
        self.before = self.snapshot()

    def tearDown(self):
        if not harness.wait_until(lambda: self.snapshot() == self.before, 3):
            after = self.snapshot()
            for what, before in self.before.items():
                self.assertEqual(before, after[what], what)

    # --- what is there ----------------------------------------------------------------------

    def links(self, namespace):
        done = subprocess.run(netns.command(namespace, "ip", "-br", "link"), capture_output=True,
                              text=True, check=True)
        return sorted(line.split()[0].split("@")[0] for line in done.stdout.splitlines())

    def allocations(self):
        directory = os.path.join(self.state, "conform-ipam", NETWORK)
        found = os.listdir(directory) if os.path.isdir(directory) else []
        return sorted(name for name in found if name[0].isdigit())

    def snapshot(self):
        """Everything that an attachment may leave behind."""
        return {"node": self.links(self.node.netns),
                "pods": [self.links(self.first), self.links(self.second)],
                "ports": sorted(self.node.vsctl("list-ports", "br-int").split()),
                "addresses": self.allocations(),
                "flows": self.running.flows()}

    # --- the ways to call the plugin --------------------------------------------------------

    def plugin_conf(self, **more):
        subnet, gateway = NETWORKS[4]
        return {"type": "sluice", "agentSocket": self.node.cni_socket,
                "ipam": {"type": "host-local", "dataDir": os.path.join(self.state, "conform-ipam"),
                         "ranges": [[{"subnet": subnet, "gateway": gateway,
                                      "rangeStart": "10.244.0.100"}]]}, **more}

    def write_list(self, version, *chained, **more):
        conf = more.pop("plugin", self.plugin_conf())
        with open(os.path.join(self.state, "net.d", "10.conflist"), "w", encoding="utf-8") as file:
            json.dump({"cniVersion": version, "name": NETWORK, "plugins": [conf, *chained], **more},
                      file)

    def tool(self, name, *arguments, pod=POD, **environment):
        namespace, pod_name = pod.split("/")
        return subprocess.run(
            netns.command(self.node.netns, "unshare", "--mount", "sh", "-c", PRIVATE,
                          os.path.join(self.state, "libcni"),
                          os.path.join(self.tools, name), *arguments),
            env={"PATH": os.environ["PATH"], "CNI_PATH": self.path,
                 "NETCONFPATH": os.path.join(self.state, "net.d"),
                 "CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAMESPACE={namespace};"
                             f"K8S_POD_NAME={pod_name}", **environment},
            capture_output=True, text=True, check=False, timeout=60)

    def cnitool(self, verb, namespace=None, **environment):
        return self.tool("cnitool", verb, NETWORK, namespace or self.first, **environment)

    def succeeds(self, done):
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def fails(self, done, *words):
        self.assertEqual(1, done.returncode, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def forget(self):
        """What libcni has cached: as after a runtime has lost its state."""
        harness.shutil.rmtree(os.path.join(self.state, "libcni", "results"), ignore_errors=True)

    def raw(self, verb, text, **environment):
        """The plugin itself; its exit status and answer."""
        variables = {"PATH": os.environ["PATH"], "CNI_COMMAND": verb, "CNI_CONTAINERID": "raw1",
                     "CNI_NETNS": self.first, "CNI_IFNAME": "eth0", "CNI_PATH": self.path,
                     "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=conform",
                     **environment}
        done = subprocess.run(
            netns.command(self.node.netns, os.path.join(self.node.binaries, "sluice")),
            env={name: value for name, value in variables.items() if value is not None},
            input=text, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None

    def conf_text(self, version="1.1.0", **changes):
        conf = {"cniVersion": version, "name": NETWORK, **self.plugin_conf(), **changes}
        return json.dumps({key: value for key, value in conf.items() if value != "(absent)"})

    def refused(self, code, verb, text, **environment):
        status, answer = self.raw(verb, text, **environment)
        self.assertEqual((1, code), (status, (answer or {}).get("code")), answer)
        self.assertLessEqual({"cniVersion", "code", "msg"}, set(answer))
        return answer
