"""Sluice on a node of a bare cluster (deploy/cluster/up --no-sluice): no image, no DaemonSet. Its
daemons are started again when they end, as kubelet does with pods; a test may keep one down."""

import json
import os
import shutil
import subprocess

from tree import PROGRAMS
from wait import wait_for

HOLD = "/run/hold"  # a file here keeps the daemon of its name down
# $1: its name; the rest: its command. The loop's own name must not be the daemon's.
KEEP_RUNNING = """name=$1; shift
while :; do
  if [ ! -e /run/hold/$name ]; then "$@"; fi
  sleep 0.05
done"""
ACCOUNT = ("kube-system", "sluice")


class ByHand:
    """The daemons of one node, and the agent's account at the apiserver."""

    def __init__(self, cluster, node):
        self.cluster, self.node = cluster, node
        self.log = os.path.join(cluster.state, "log", f"sluice-{node.name}")
        self.kubeconfig = os.path.join(cluster.state, f"sluice-{node.name}.kubeconfig")
        self.token_file = os.path.join(cluster.state, f"sluice-{node.name}.token")

    def install(self):
        """What survives a reboot: account, plugin, conflist, OVSDB file."""
        self._make_account()
        self.bound_to = self.new_token("first")
        with open(self.kubeconfig, "w", encoding="utf-8") as file:
            json.dump({
                "clusters": [{"name": "c", "cluster": {
                    "server": "https://172.30.0.1:6443",
                    "certificate-authority": f"{self.cluster.state}/pki/ca.crt"}}],
                "users": [{"name": "u", "user": {"tokenFile": self.token_file}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "c"}, file)
        root = f"{self.cluster.state}/{self.node.name}"
        shutil.copy(os.path.join(PROGRAMS, "sluice"), f"{root}/opt/cni/bin/sluice")
        self.node.run("ovsdb-tool", "create", "/var/lib/openvswitch/conf.db",
                      "/usr/share/openvswitch/vswitch.ovsschema")

    def start(self):
        """Back when the node can attach pods."""
        number = self.node.number
        self.node.run("mkdir", "-p", "/run/openvswitch", "/run/sluice", HOLD)
        self._keep("ovsdb-server", "/var/lib/openvswitch/conf.db",
                   "--remote=punix:/run/openvswitch/db.sock", "--pidfile")
        wait_for("ovsdb-server", lambda: self.node.run(
            "ovs-vsctl", "--no-wait", "init", check=False).returncode == 0)
        self._keep("ovs-vswitchd", "unix:/run/openvswitch/db.sock", "--pidfile")
        self._keep(os.path.join(PROGRAMS, "sluice-agent"), f"--kubeconfig={self.kubeconfig}",
                   "--datapath=netdev", f"--pod_cidr=10.244.{number}.0/24",
                   f"--gateway=10.244.{number}.1", "--logtostderr")
        wait_for("the agent to be in sync", self.is_in_sync)
        self._write_conflist()

    def is_in_sync(self):
        try:
            return self.node.ask_agent("status")["inSync"]
        except OSError:
            return False

    def _keep(self, program, *arguments):
        name = os.path.basename(program)
        with open(f"{self.log}-{name}.log", "ab") as log:
            subprocess.Popen(
                ["nsenter", "-t", str(self.node.pid), "-a", "--", "sh", "-c", KEEP_RUNNING,
                 "supervisor", name, program, *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                # `down` knows its processes by this.
                env={**os.environ, "SLUICE_CLUSTER_STATE": self.cluster.state})

    def _write_conflist(self):
        with open(os.path.join(self.cluster.state, self.node.name,
                               "etc/cni/net.d/10-sluice.conflist"), "w", encoding="utf-8") as file:
            json.dump({"cniVersion": "1.0.0", "name": "sluice", "plugins": [
                {"type": "sluice", "ipam": {"type": "host-local", "ranges": [[
                    {"subnet": f"10.244.{self.node.number}.0/24",
                     "gateway": f"10.244.{self.node.number}.1"}]]}}]}, file)

    # --- the account -----------------------------------------------------------------------------

    def _make_account(self):
        api = self.cluster.api
        api.apply({"apiVersion": "v1", "kind": "ServiceAccount",
                   "metadata": {"namespace": ACCOUNT[0], "name": ACCOUNT[1]}})
        rules = [
            {"apiGroups": [""], "resources": ["pods", "namespaces", "nodes"],
             "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"],
             "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["", "events.k8s.io"], "resources": ["events"],
             "verbs": ["create", "patch"]}]
        rbac = "/apis/rbac.authorization.k8s.io/v1/"
        for path, thing in (
                ("clusterroles", {"kind": "ClusterRole", "rules": rules}),
                ("clusterrolebindings", {
                    "kind": "ClusterRoleBinding",
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                                "name": "sluice"},
                    "subjects": [{"kind": "ServiceAccount", "namespace": ACCOUNT[0],
                                  "name": ACCOUNT[1]}]})):
            try:
                api.request("POST", rbac + path, {"apiVersion": "rbac.authorization.k8s.io/v1",
                                                  "metadata": {"name": "sluice"}, **thing})
            except Exception as error:
                if getattr(error, "status", None) != 409:
                    raise

    def new_token(self, name):
        """Puts a new token in the old one's place, bound to a Secret of this name: it is worth
        nothing any more when the Secret is deleted."""
        api = self.cluster.api
        api.apply({"apiVersion": "v1", "kind": "Secret",
                   "metadata": {"namespace": ACCOUNT[0], "name": f"sluice-token-{name}"}})
        secret = api.get("Secret", ACCOUNT[0], f"sluice-token-{name}")["metadata"]
        answer = api.request(
            "POST", f"/api/v1/namespaces/{ACCOUNT[0]}/serviceaccounts/{ACCOUNT[1]}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {
                "boundObjectRef": {"apiVersion": "v1", "kind": "Secret", "name": secret["name"],
                                   "uid": secret["uid"]}}})
        with open(self.token_file + ".new", "w", encoding="ascii") as file:
            file.write(answer["status"]["token"])
        os.rename(self.token_file + ".new", self.token_file)
        return secret["name"]

    # --- faults ----------------------------------------------------------------------------------

    def kill(self, name, sign="KILL"):
        """It is started again; if it is just being started, this waits for it."""
        wait_for(name, lambda: self.node.run("pkill", f"-{sign}", "-x", name,
                                             check=False).returncode == 0, every=0.01)

    def hold(self, name):
        """Down until `release`."""
        self.node.run("touch", f"{HOLD}/{name}")
        self.kill(name)

    def release(self, name):
        self.node.run("rm", "-f", f"{HOLD}/{name}")

    def log_of(self, name):
        with open(f"{self.log}-{name}.log", encoding="utf-8", errors="replace") as file:
            return file.read()


