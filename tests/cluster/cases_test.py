#!/usr/bin/env python3
"""Pure: how conformance cases are read and fitted. No cluster."""

import unittest

import cases


def policy(name, cidr, **more):
    return {"metadata": {"name": name, "namespace": "x"},
            "spec": {"ingress": [{"from": [{"ipBlock": {"cidr": cidr, **more}}]}]}}


def block_of(fitted):
    return fitted["spec"]["ingress"][0]["from"][0]["ipBlock"]


class CasesTest(unittest.TestCase):
    def test_cells_are_what_is_judged_of_two_pods(self):
        step = {"order": ["x/a", "x/b"], "expected": {"UDP/81": {"combined": [".X", "-."]}}}
        self.assertEqual(cases.cells(step),
                         [cases.Cell(("x", "a"), ("x", "b"), "udp", 81, "denied")])

    def test_an_address_of_a_pod_becomes_its_real_one_alone_and_in_an_exception(self):
        addresses = {"10.40.1.12": "10.244.2.7"}
        self.assertEqual(block_of(cases.fitted(policy("p", "10.40.1.12/32"), addresses))["cidr"],
                         "10.244.2.7/32")
        fitted = cases.fitted(policy("p", "0.0.0.0/0", **{"except": ["10.40.1.12/32"]}), addresses)
        self.assertEqual(block_of(fitted), {"cidr": "0.0.0.0/0", "except": ["10.244.2.7/32"]})

    def test_a_block_that_would_mean_other_pods_is_an_error(self):
        with self.assertRaises(ValueError):
            cases.fitted(policy("p", "10.40.0.0/16"), {"10.40.1.12": "10.244.2.7"})

    def test_a_name_that_no_apiserver_takes_is_replaced(self):
        name = cases.fitted(policy("Allow_All", "0.0.0.0/0"), {})["metadata"]["name"]
        self.assertEqual(name, cases.legal_name(name))

    def test_what_a_step_creates_was_not_there_before(self):
        old, new = policy("old", "0.0.0.0/0"), policy("new", "0.0.0.0/0")
        step = {"policies": [old, new],
                "actions": [{"type": "create-policy", "policy": new},
                            {"type": "update-policy", "policy": old}]}
        self.assertEqual(cases.before(step), [old])


if __name__ == "__main__":
    unittest.main(warnings="ignore")
