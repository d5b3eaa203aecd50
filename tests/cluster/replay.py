"""Replay: brings a cluster to the state that a conformance case starts from, and carries its actions
out, each as the API call that it is."""

import cases
import objects

# As in ../playground: a pod serves more than it declares, for a policy's word alone shall count.
PORTS = (53, 80, 81, 5000)


class Replay:
    """Pods stay from one case to the next while what they declare stays; then only their labels
    change. Pods that a case does not list stay as well: they are nobody's peer in it."""

    def __init__(self, cluster, servers):
        self.cluster, self.api, self.servers = cluster, cluster.api, servers
        self.node_names = [node.name for node in cluster.nodes.values()]
        self.namespaces = set()
        self.pods = {}  # (namespace, name) -> (declared ports, the pod as the API has it)
        self.policies = set()  # (namespace, name)

    def arrange(self, step, policies):
        """The namespaces and pods of the step, and these policies; no others."""
        for key in sorted(self.policies):
            self.api.delete("NetworkPolicy", *key)
        self.policies.clear()
        for name, labels in step["namespaces"].items():
            if name not in self.namespaces:
                self.cluster.create_namespace(name)
                self.namespaces.add(name)
            self.api.set_labels("Namespace", None, name, labels)
        self._have_pods(step["pods"])
        for policy in policies:
            self._put(policy, step)

    def _have_pods(self, wanted):
        """What a pod declares cannot be changed: then it is another pod."""
        def stays(pod):
            return self.pods.get(cases.key_of(pod), (None,))[0] == pod["ports"]

        fresh = [pod for pod in wanted if not stays(pod)]
        # Also those that a run before this one has left behind.
        self.cluster.delete_pods([cases.key_of(pod) for pod in fresh])
        made = self.cluster.create_pods(
            [objects.pod(*cases.key_of(pod), pod["labels"], cases.container_ports(pod),
                         self.node_names[index % len(self.node_names)])
             for index, pod in enumerate(fresh)]) if fresh else []
        for pod, real in zip(fresh, made):
            self.pods[cases.key_of(pod)] = pod["ports"], real
        for pod in wanted:
            self.api.set_labels("Pod", *cases.key_of(pod), pod["labels"])
        if fresh:
            reals = [real for _, real in self.pods.values()]
            self.servers.serve({path: ("/".join(key), PORTS) for path, key in
                                zip(self.cluster.netns_of_all(reals), self.pods)})

    def act(self, action, step):
        """`step`: the one that the action is of."""
        kind = action["type"]
        if kind in ("create-policy", "update-policy"):
            self._put(action["policy"], step)
        elif kind == "delete-policy":
            self.api.delete("NetworkPolicy", action["namespace"], cases.legal_name(action["name"]))
            self.policies.discard((action["namespace"], cases.legal_name(action["name"])))
        elif kind == "set-namespace-labels":
            self.api.set_labels("Namespace", None, action["namespace"], action["labels"])
        elif kind == "set-pod-labels":
            self.api.set_labels("Pod", action["namespace"], action["pod"], action["labels"])
        else:
            raise ValueError(f"unknown action {kind}")

    def _put(self, policy, step):
        fitted = cases.fitted(policy, {pod["ip"]: self.address(cases.key_of(pod))
                                       for pod in step["pods"]})
        fitted["metadata"].pop("creationTimestamp", None)
        self.api.apply(fitted)
        self.policies.add(cases.key_of(fitted["metadata"]))

    def address(self, key):
        return self.pods[key][1]["status"]["podIP"]

    def netns(self, key):
        return self.cluster.netns(self.pods[key][1])

    def node(self, key):
        return self.cluster.node_named(self.pods[key][1]["spec"]["nodeName"])

    def differences(self, step):
        """In words, in what the apiserver's objects are not the state that the step lists."""
        found = []
        there = {cases.key_of(policy["metadata"])
                 for name in step["namespaces"] for policy in self.api.list("NetworkPolicy", name)}
        listed = {(policy["metadata"]["namespace"], cases.legal_name(policy["metadata"]["name"]))
                  for policy in step["policies"]}
        if there != listed:
            found.append(f"policies {sorted(there)}, listed {sorted(listed)}")
        for name, labels in step["namespaces"].items():
            real = self.api.get("Namespace", None, name)["metadata"]["labels"]
            if real != {**labels, "kubernetes.io/metadata.name": name}:
                found.append(f"namespace {name}: labels {real}, listed {labels}")
        for pod in step["pods"]:
            real = self.api.get("Pod", *cases.key_of(pod))["metadata"].get("labels", {})
            if real != pod["labels"]:
                found.append(f"pod {cases.key_of(pod)}: labels {real}, listed {pod['labels']}")
        return found

    def clean_up(self):
        for key in self.policies:
            self.api.delete("NetworkPolicy", *key)
        self.cluster.delete_pods(self.pods)
        for name in self.namespaces - {"default"}:
            self.cluster.delete_namespace(name)
