"""The table says so when a case is without a test, or a test without a case."""

import importlib.machinery
import importlib.util
import os
import unittest

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "table")
_loader = importlib.machinery.SourceFileLoader("table", PATH)
_spec = importlib.util.spec_from_loader("table", _loader)
table = importlib.util.module_from_spec(_spec)
_loader.exec_module(table)

CPP, PYTHON = ("Suite.HardCase01X", "hardcases/x.cc"), ("test_HardCase01_x", "playground/x.py")


class TableTest(unittest.TestCase):
    def test_a_case_has_a_test_or_a_reason_and_not_both(self):
        self.assertEqual([], table.judge({1: ("a", ""), 2: ("b", "because")}, {1: [CPP]}))
        self.assertIn("neither", table.judge({1: ("a", "")}, {})[0])
        self.assertIn("a reason to have none", table.judge({1: ("a", "because")}, {1: [CPP]})[0])
        self.assertIn("no case 1", table.judge({}, {1: [CPP]})[0])

    def test_a_row_names_its_tests_and_their_levels(self):
        self.assertIn("| 1 | a | engine, flows, packets | [Suite.HardCase01X](../hardcases/x.cc)<br>"
                      "[test_HardCase01_x](../playground/x.py) |\n",
                      table.table({1: ("a", "")}, {1: [CPP, PYTHON]}))
        self.assertIn("| 2 | b | none | because |\n", table.table({2: ("b", "because")}, {}))

    def test_tests_are_found_in_both_languages(self):
        self.assertEqual([("Suite", "HardCase09Y", "09")],
                         table.GTEST.findall("\nTEST_F(Suite, HardCase09Y) {\n"))
        self.assertEqual([("Suite", "HardCase09Y", "09")],
                         table.GTEST.findall("\nTEST(Suite,\n     HardCase09Y) {\n"))
        self.assertEqual([("test_HardCase62_z", "62")],
                         table.UNITTEST.findall("\n    def test_HardCase62_z(self):\n"))

    def test_all_67_are_listed(self):
        cases, errors = table.read_cases()
        self.assertEqual((67, []), (len(cases), errors))


if __name__ == "__main__":
    unittest.main()
