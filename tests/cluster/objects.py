"""Kubernetes objects as dicts. Pure."""

# Every node has it: it is the image of the pods' own pause containers, a static program that sleeps.
# The pods' sockets are made by the tests, inside of the pods' namespaces.
IMAGE = "docker.io/library/pause:local"
# 0 would take the object away before CNI DEL.
GRACE_SECONDS = 1


def namespace(name, labels=None):
    return {"apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": dict(labels or {})}}


def pod(namespace_name, name, labels=None, ports=(), node="node1", host_network=False):
    """`ports`: containerPort dicts."""
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace_name, "labels": dict(labels or {})},
        "spec": {
            "nodeName": node,
            "hostNetwork": host_network,
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "containers": [{"name": "main", "image": IMAGE, "imagePullPolicy": "Never",
                            "ports": list(ports)}],
        },
    }


def policy(namespace_name, name, pod_selector=None, **spec):
    """`spec`: ingress, egress, policyTypes as in the API."""
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": namespace_name},
            "spec": {"podSelector": pod_selector or {}, **spec}}


def deny_all(namespace_name, name, pod_selector=None, types=("Ingress", "Egress")):
    return policy(namespace_name, name, pod_selector, policyTypes=list(types))


def selector(**labels):
    return {"matchLabels": labels}


def is_ready(thing):
    """A pod or a node, as the API returns it."""
    return any(condition["type"] == "Ready" and condition["status"] == "True"
               for condition in thing.get("status", {}).get("conditions", ()))
