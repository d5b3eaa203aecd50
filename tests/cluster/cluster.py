"""A real cluster that runs Sluice, as deploy/cluster makes it."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import objects
from api import Api
from cluster_node import Node
from tree import CLUSTER_SCRIPTS
from wait import wait_for

AT_ONCE = 16  # calls of the apiserver

# The tests' cluster: beside it, a user's own may run. See CMakeLists.txt.
NAME = os.environ.get("SLUICE_TEST_CLUSTER", "test")


class Cluster:
    """`up` starts one, `Cluster(name)` takes the one that runs."""

    def __init__(self, name=NAME):
        self.name = name
        self.state = f"/var/tmp/sluice-cluster-{name}"
        self.api = Api(os.path.join(self.state, "kubeconfig"))
        self.nodes = {}
        number = 0
        while os.path.exists(os.path.join(self.state, f"node{number}.pid")):
            with open(os.path.join(self.state, f"node{number}.pid"), encoding="utf-8") as file:
                self.nodes[number] = Node(number, int(file.read()))
            number += 1
        self.outside = self.nodes.pop(0)
        self.namespaces_of_pods = {}  # uid -> path
        self.callers = ThreadPoolExecutor(AT_ONCE)  # each keeps its connection

    @classmethod
    def up(cls, name=NAME, nodes=2):
        """With the programs of build/, made before."""
        subprocess.run([os.path.join(CLUSTER_SCRIPTS, "up"), "--name", name, "--nodes", str(nodes),
                        "--no-example", "--no-build"], check=True, stdin=subprocess.DEVNULL)
        return cls(name)

    @staticmethod
    def down(name=NAME):
        subprocess.run([os.path.join(CLUSTER_SCRIPTS, "down"), "--name", name], check=True,
                       stdin=subprocess.DEVNULL)

    def node_named(self, name):
        return next(node for node in self.nodes.values() if node.name == name)

    # --- objects ---------------------------------------------------------------------------------

    def in_parallel(self, action, things):
        """[action(thing) ...]; the first failure is raised."""
        return list(self.callers.map(action, things))

    def create_namespace(self, name, labels=None):
        """Back when pods can be created in it."""
        self.api.apply(objects.namespace(name, labels))
        wait_for(f"service account of namespace {name}",
                 lambda: self.api.find("ServiceAccount", name, "default"))

    def delete_namespace(self, name, seconds=60.0):
        """With all that is in it; back when it is gone."""
        if self.api.delete("Namespace", None, name):
            wait_for(f"namespace {name} to be gone",
                     lambda: not self.api.find("Namespace", None, name), seconds)

    def create_pods(self, pods, seconds=60.0):
        """Back when all are Ready; the pods as the API has them then, in order."""
        self.in_parallel(self.api.create, pods)
        return self.await_ready([(p["metadata"]["namespace"], p["metadata"]["name"])
                                 for p in pods], seconds)

    def await_ready(self, keys, seconds=60.0):
        """`keys`: (namespace, name) each."""
        found = {}

        def all_ready():
            for namespace in {namespace for namespace, _ in keys}:
                for pod in self.api.list("Pod", namespace):
                    found[(namespace, pod["metadata"]["name"])] = pod
            return all(key in found and objects.is_ready(found[key]) for key in keys)

        def which():
            late = [key for key in keys if key not in found or not objects.is_ready(found[key])]
            return f"pods Ready: {late[:5]} of {len(late)}\n{self.events(late[0][0])}"

        wait_for(which, all_ready, seconds, every=0.1)
        return [found[key] for key in keys]

    def delete_pods(self, keys, seconds=60.0):
        """Back when kubelet has taken them down (CNI DEL included)."""
        keys = set(keys)
        self.in_parallel(lambda key: self.api.delete("Pod", *key), keys)

        def left():
            there = {(pod["metadata"]["namespace"], pod["metadata"]["name"])
                     for namespace in {namespace for namespace, _ in keys}
                     for pod in self.api.list("Pod", namespace)}
            return there & keys

        wait_for(lambda: f"pods to be gone: {left()}", lambda: not left(), seconds, every=0.1)

    def events(self, namespace):
        """For people: what is said of the objects of a namespace."""
        return "\n".join(f"{e['involvedObject'].get('name')}: {e.get('reason')}: {e.get('message')}"
                         for e in self.api.list("Event", namespace)[-20:])

    # --- packets ---------------------------------------------------------------------------------

    def netns(self, pod):
        """The path of the network namespace of a pod (as the API returns it) that has an address.
        It stays valid while the pod lives."""
        uid = pod["metadata"]["uid"]
        if uid not in self.namespaces_of_pods:
            address = pod["status"]["podIP"]
            node = self.node_named(pod["spec"]["nodeName"])
            self.namespaces_of_pods[uid] = wait_for(
                f"network namespace of {pod['metadata']['name']} ({address})",
                lambda: node.pod_namespaces().get(address), 5.0)
        return self.namespaces_of_pods[uid]

    def netns_of_all(self, pods):
        """The same for many, with one look at each node."""
        by_node = {name: self.node_named(name).pod_namespaces()
                   for name in {pod["spec"]["nodeName"] for pod in pods}}
        for pod in pods:
            path = by_node[pod["spec"]["nodeName"]].get(pod["status"]["podIP"])
            if path:
                self.namespaces_of_pods[pod["metadata"]["uid"]] = path
        return [self.netns(pod) for pod in pods]
