"""Control plane and node daemons are killed and started again, nodes lose their power: with the
functions that deploy/cluster/up starts them by."""

import json
import os
import signal
import subprocess

from tree import CLUSTER_SCRIPTS
from wait import wait_for

DEADLINE = 60.0  # seconds
AUDIT_POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [
    {"level": "Metadata", "users": ["system:serviceaccount:kube-system:sluice"]},
    {"level": "None"}]}


def make_bare_cluster(name, nodes):
    """In the place of what a run before has left behind; without Sluice."""
    remove_bare_cluster(name)
    subprocess.run([os.path.join(CLUSTER_SCRIPTS, "up"), "--name", name, "--nodes", str(nodes),
                    "--no-sluice", "--no-build"], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)


def remove_bare_cluster(name):
    subprocess.run([os.path.join(CLUSTER_SCRIPTS, "down"), "--name", name], check=True,
                   stdin=subprocess.DEVNULL)


def _scripted(cluster, *commands):
    libraries = "".join(f". {CLUSTER_SCRIPTS}/{part}\n" for part in (
        "../lib/steps.sh", "lib/state.sh", "lib/nodes.sh", "lib/control_plane.sh",
        "lib/kubelet.sh"))
    subprocess.run(["bash", "-c", f"set -euo pipefail; here={CLUSTER_SCRIPTS}\n{libraries}"
                    f"use_cluster {cluster.name}\nexport PATH=$cluster_bin:$PATH\n"
                    + "\n".join(commands)],
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   timeout=DEADLINE)


def stop_apiserver(cluster):
    cluster.nodes[1].run("pkill", "-KILL", "-x", "kube-apiserver")


def start_apiserver(cluster):
    """Back when it answers. It writes down what the agent asks of it: see `asked`."""
    policy, log = _audit(cluster)
    with open(policy, "w", encoding="utf-8") as file:
        json.dump(AUDIT_POLICY, file)
    if os.path.exists(log):
        os.unlink(log)
    # spawn_on appends its arguments to the command; the function's own are kept.
    _scripted(cluster, "spawn_on() { "
              "spawn \"$2\" nsenter -t \"$(cat \"$state/node$1.pid\")\" -a -- "
              f"\"${{@:3}}\" --audit-policy-file={policy} --audit-log-path={log}; }}",
              "start_apiserver")
    wait_for("kube-apiserver", lambda: _answers(cluster), DEADLINE)


def audit_log(cluster):
    """What agents asked the apiserver since `start_apiserver`: JSON lines, audit.k8s.io/v1."""
    try:
        with open(_audit(cluster)[1], encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def _audit(cluster):
    return (os.path.join(cluster.state, "audit-policy.yaml"),
            os.path.join(cluster.state, "log", "audit.log"))


def _answers(cluster):
    try:
        return cluster.api.request("GET", "/readyz") == "ok"
    except Exception:  # whatever a server says that is only coming up
        return False


def restart_containerd(cluster, node):
    node.run("pkill", "-KILL", "-x", "containerd")
    _scripted(cluster, f"start_containerd {node.number}")


def restart_kubelet(cluster, node):
    node.run("pkill", "-KILL", "-x", "kubelet")
    _scripted(cluster, f"start_kubelet {node.number}")


def cut_power(cluster, node):
    """Every process of the node ends at once, /run and its network are gone; /etc and /var stay."""
    os.kill(node.pid, signal.SIGKILL)
    wait_for(f"{node.name} to be off", lambda: not os.path.exists(f"/proc/{node.pid}/ns/net"))
    os.unlink(f"{cluster.state}/{node.name}/ready")
    # Those of its pods; the kubelet would look into each for seconds.
    subprocess.run(["find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path",
                    f"*/sluice-cluster-{cluster.name}-{node.name}/*", "-exec", "rmdir", "{}", ";"],
                   check=False, stderr=subprocess.DEVNULL)


def boot(cluster, node):
    """Back when containerd and kubelet run; Sluice is not their business."""
    _scripted(cluster, f"make_node {node.number}", f"start_containerd {node.number}",
              f"start_kubelet {node.number}")
    with open(f"{cluster.state}/{node.name}.pid", encoding="ascii") as file:
        node.pid = int(file.read())
    node.netns, node.root = f"/proc/{node.pid}/ns/net", f"/proc/{node.pid}/root"
    cluster.namespaces_of_pods.clear()
