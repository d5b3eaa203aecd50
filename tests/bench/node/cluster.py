"""Manifests of a cluster around the node: pods elsewhere, and policies."""

import json


def _documents(objects):
    return "\n---\n".join(json.dumps(each) for each in objects) + "\n"


def local_pods(names):
    """Pods that the benchmark attaches itself."""
    return _documents({"apiVersion": "v1", "kind": "Pod",
                       "metadata": {"name": name, "labels": {"app": "bench", "name": name}},
                       "spec": {"containers": [{"name": "c", "image": "none"}]}}
                      for name in names)


def remote_pods(count):
    return _documents({"apiVersion": "v1", "kind": "Pod",
                       "metadata": {"name": f"remote-{i}", "labels": {"app": f"app-{i % 100}"}},
                       "spec": {"nodeName": "elsewhere",
                                "containers": [{"name": "c", "image": "none"}]},
                       "status": {"podIP": f"10.100.{i // 250}.{i % 250 + 1}",
                                  "podIPs": [{"ip": f"10.100.{i // 250}.{i % 250 + 1}"}]}}
                      for i in range(count))


def _policy(name, ingress):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name},
            "spec": {"podSelector": {"matchLabels": {"app": "bench"}}, "ingress": ingress}}


def peer_policies(count):
    """All select the local pods; each lets in one app of the pods elsewhere, at one port."""
    return _documents(_policy(f"peer-{i}", [{
        "from": [{"podSelector": {"matchLabels": {"app": f"app-{i % 100}"}}}],
        "ports": [{"port": 10000 + i}]}]) for i in range(count))


def among_local():
    """The local pods may talk to each other: the policy that traffic goes through."""
    return _documents([_policy("among", [{
        "from": [{"podSelector": {"matchLabels": {"app": "bench"}}}]}])])


def from_block(cidr):
    return _documents([_policy("block", [{"from": [{"ipBlock": {"cidr": cidr}}]}])])
