"""The apiserver over HTTPS, one kept-alive connection a thread. A kubectl process for every call
would cost 100 times the time."""

import base64
import http.client
import json
import os
import ssl
import tempfile
import threading
import urllib.parse

import yaml

# kind -> (path of its API group, plural, in a namespace)
RESOURCES = {
    "Namespace": ("/api/v1", "namespaces", False),
    "Node": ("/api/v1", "nodes", False),
    "Pod": ("/api/v1", "pods", True),
    "Event": ("/api/v1", "events", True),
    "Secret": ("/api/v1", "secrets", True),
    "ConfigMap": ("/api/v1", "configmaps", True),
    "ServiceAccount": ("/api/v1", "serviceaccounts", True),
    "DaemonSet": ("/apis/apps/v1", "daemonsets", True),
    "NetworkPolicy": ("/apis/networking.k8s.io/v1", "networkpolicies", True),
    "SelfSubjectRulesReview": ("/apis/authorization.k8s.io/v1", "selfsubjectrulesreviews", False),
}
TIMEOUT = 30.0  # of one answer, seconds


class ApiError(Exception):
    """An answer that is no success; `status` is the HTTP status."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


def path_of(kind, namespace=None, name=None):
    """Of one object, or without a name of all (in a namespace, or everywhere)."""
    group, plural, _ = RESOURCES[kind]
    path = group
    if namespace:
        path += f"/namespaces/{namespace}"
    path += f"/{plural}"
    return f"{path}/{name}" if name else path


def _current_context(path):
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file)

    def entry(section, field, name):
        return next(one[field] for one in config[section] if one["name"] == name)

    context = entry("contexts", "context", config["current-context"])
    return (entry("clusters", "cluster", context["cluster"]),
            entry("users", "user", context["user"]))


def _file(entry, key, directory):
    """The path of what stands in the kubeconfig as a file name or as base64 data."""
    if key in entry:
        return entry[key]
    path = os.path.join(directory, key)
    with open(path, "wb") as file:
        file.write(base64.b64decode(entry[key + "-data"]))
    return path


class Api:
    """Objects are the dicts that their JSON is. Every method may raise ApiError or OSError."""

    def __init__(self, kubeconfig):
        cluster, user = _current_context(kubeconfig)
        server = urllib.parse.urlsplit(cluster["server"])
        self.host, self.port = server.hostname, server.port
        with tempfile.TemporaryDirectory() as directory:
            self.tls = ssl.create_default_context(
                cafile=_file(cluster, "certificate-authority", directory))
            self.tls.load_cert_chain(_file(user, "client-certificate", directory),
                                     _file(user, "client-key", directory))
        self.threads = threading.local()

    def request(self, method, path, body=None, content_type="application/json", headers=None):
        """The answer, decoded if it is JSON."""
        payload = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": content_type, **(headers or {})}
        for attempt in (1, 2):
            connection = getattr(self.threads, "connection", None)
            fresh = connection is None
            if fresh:
                connection = http.client.HTTPSConnection(self.host, self.port, context=self.tls,
                                                         timeout=TIMEOUT)
                self.threads.connection = connection
            try:
                connection.request(method, path, payload, sent)
                answer = connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):
                connection.close()
                self.threads.connection = None
                # One that had been kept open may have been closed meanwhile: that is no failure.
                if fresh or attempt == 2:
                    raise
        is_json = "json" in answer.headers.get("Content-Type", "")
        value = json.loads(text) if is_json else text.decode()
        if answer.status >= 300:
            raise ApiError(answer.status, value.get("message", "") if is_json else value)
        return value

    def create(self, thing):
        metadata = thing.get("metadata", {})
        return self.request("POST", path_of(thing["kind"], metadata.get("namespace")), thing)

    def apply(self, thing):
        """Created, or put in the place of what is there."""
        metadata = thing["metadata"]
        try:
            return self.create(thing)
        except ApiError as error:
            if error.status != 409:
                raise
        return self.request(
            "PUT", path_of(thing["kind"], metadata.get("namespace"), metadata["name"]), thing)

    def get(self, kind, namespace, name):
        return self.request("GET", path_of(kind, namespace, name))

    def find(self, kind, namespace, name):
        """None if there is none."""
        try:
            return self.get(kind, namespace, name)
        except ApiError as error:
            if error.status != 404:
                raise
            return None

    def list(self, kind, namespace=None, selector=""):
        query = "?labelSelector=" + urllib.parse.quote(selector) if selector else ""
        return self.request("GET", path_of(kind, namespace) + query)["items"]

    def patch(self, kind, namespace, name, patch, subresource=""):
        """A merge patch (RFC 7396): null takes a member away."""
        path = path_of(kind, namespace, name) + (f"/{subresource}" if subresource else "")
        return self.request("PATCH", path, patch, "application/merge-patch+json")

    def set_labels(self, kind, namespace, name, labels):
        """Exactly these labels, except those that the apiserver itself insists on."""
        found = self.get(kind, namespace, name)["metadata"].get("labels", {})
        gone = {key: None for key in found
                if key not in labels and key != "kubernetes.io/metadata.name"}
        changed = {key: value for key, value in labels.items() if found.get(key) != value}
        if gone or changed:
            self.patch(kind, namespace, name, {"metadata": {"labels": {**gone, **changed}}})

    def delete(self, kind, namespace, name, grace_seconds=None):
        """True if it was there. A pod is gone only after its grace period and CNI DEL."""
        options = {"kind": "DeleteOptions", "apiVersion": "v1"}
        if grace_seconds is not None:
            options["gracePeriodSeconds"] = grace_seconds
        try:
            self.request("DELETE", path_of(kind, namespace, name), options)
            return True
        except ApiError as error:
            if error.status != 404:
                raise
            return False

    def delete_all(self, kind, namespace, selector=""):
        query = "?labelSelector=" + urllib.parse.quote(selector) if selector else ""
        self.request("DELETE", path_of(kind, namespace) + query)
