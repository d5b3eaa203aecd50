"""The format of a mutant, and that one that does not fit is noticed."""

import os
import tempfile
import unittest

import mutant

TEXT = """Says nothing.
--- a.cc
 int F() {
-  return 1;
+  return 2;
@@
-// gone
--- b/c.cc
+// new
 int G();
"""


class MutantTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        os.mkdir(os.path.join(self.root, "b"))
        self.write("a.cc", "// gone\nint F() {\n  return 1;\n}\n")
        self.write("b/c.cc", "int G();\n")

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text)

    def mutated(self, text=TEXT):
        return mutant.parse("m", text).mutated(self.root)

    def test_edits_replace_lines_in_several_places(self):
        self.assertEqual("Says nothing.", mutant.parse("m", TEXT).breaks)
        self.assertEqual({"a.cc": "int F() {\n  return 2;\n}\n", "b/c.cc": "// new\nint G();\n"},
                         self.mutated())

    def test_what_is_to_be_replaced_must_be_there_once(self):
        self.write("b/c.cc", "int G();\nint G();\n")
        with self.assertRaisesRegex(mutant.MutantError, "m: b/c.cc has 2 of"):
            self.mutated()
        self.write("b/c.cc", "int H();\n")
        with self.assertRaisesRegex(mutant.MutantError, "m: b/c.cc has 0 of"):
            self.mutated()
        os.unlink(os.path.join(self.root, "b/c.cc"))
        with self.assertRaises(mutant.MutantError):
            self.mutated()

    def test_an_edit_that_changes_nothing_is_none(self):
        for text in ("x\n--- a.cc\n int F() {\n", "x\n", "x\nint F() {\n"):
            with self.assertRaises(mutant.MutantError):
                self.mutated(text)

    def test_all_mutants_can_be_read(self):
        mutants = mutant.read_all()
        self.assertGreater(len(mutants), 30)
        self.assertTrue(all(each.breaks.endswith(".") for each in mutants))


if __name__ == "__main__":
    unittest.main()
