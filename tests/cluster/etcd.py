"""etcd behind the apiserver's back, by its JSON gateway: what no validation has seen, and what
changes while no apiserver runs. Keys and values are those of kube-apiserver's storage; it reads
JSON as well as the protobuf that it writes."""

import base64
import http.client
import json

from cluster_node import inside

PORT = 2379


class Etcd:
    def __init__(self, node):
        """`node`: where it runs."""
        self.node = node

    def _call(self, method, **message):
        with inside(self.node.netns):
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
            connection.connect()
        connection.request("POST", f"/v3/kv/{method}", json.dumps(message))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise OSError(f"etcd: {method}: {text.decode()}")
        return json.loads(text)

    def put(self, key, thing):
        self._call("put", key=_encoded(key), value=_encoded(json.dumps(thing)))

    def delete(self, key):
        self._call("deleterange", key=_encoded(key))

    def compact(self):
        """All history before now is gone: a watch from there gets 410. Its revision."""
        revision = self._call("range", key=_encoded("none"))["header"]["revision"]
        self._call("compaction", revision=revision, physical=True)
        return int(revision)


def key_of(plural, namespace, name):
    return f"/registry/{plural}/{namespace}/{name}"


def _encoded(text):
    return base64.b64encode(text.encode()).decode()
