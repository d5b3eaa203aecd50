#!/usr/bin/env python3
"""What the agent's service account may do: read, and write Events; nothing else. As `kubectl auth can-i
--list` asks it: a SelfSubjectRulesReview, as that account."""

import unittest

from cluster import Cluster

AGENT = {"Impersonate-User": "system:serviceaccount:kube-system:sluice",
         "Impersonate-Group": "system:authenticated"}
READING = {"get", "list", "watch"}
# What every account may ask about itself (ClusterRole system:basic-user).
ABOUT_ITSELF = {"selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"}


class RightsTest(unittest.TestCase):
    def setUp(self):
        self.api = Cluster().api

    def rights(self, namespace):
        """{(resource, verb)}."""
        answer = self.api.request(
            "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
             "spec": {"namespace": namespace}}, headers=AGENT)["status"]
        self.assertFalse(answer["incomplete"], answer.get("evaluationError"))
        for rule in answer["nonResourceRules"]:
            self.assertEqual(rule["verbs"], ["get"], rule)
        return {(resource, verb) for rule in answer["resourceRules"]
                for resource in rule["resources"] for verb in rule["verbs"]}

    def test_it_writes_nothing_but_events(self):
        for namespace in ("default", "kube-system"):
            writes = {(resource, verb) for resource, verb in self.rights(namespace)
                      if verb not in READING and resource not in ABOUT_ITSELF}
            self.assertEqual(writes, {("events", "create")})

    def test_it_reads_what_policies_are_made_of_and_no_secrets(self):
        reads = {resource for resource, verb in self.rights("default") if verb in READING}
        self.assertEqual(reads, {"pods", "namespaces", "nodes", "networkpolicies"})


if __name__ == "__main__":
    unittest.main(warnings="ignore")
