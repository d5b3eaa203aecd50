"""The parser that judges /metrics, on what it must not let through."""

import unittest

from exposition import Malformed, parse

HEAD = "# HELP a_total A.\n# TYPE a_total counter\n"
HISTOGRAM = ("# HELP h H.\n# TYPE h histogram\n"
             'h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 3\nh_sum 4.5\nh_count 3\n')


class ExpositionTest(unittest.TestCase):
    def test_what_is_well_formed_is_read(self):
        families = parse(HEAD + 'a_total{x="1",y="a\\"b"} 7\na_total{x="2",y=""} 1e3\n' + HISTOGRAM)
        self.assertEqual(families["a_total"][{"x": "2", "y": ""}], 1000.0)
        self.assertEqual(families["h"].type, "histogram")

    def test_what_is_not_is_refused(self):
        for text in (HEAD + "a_total 1", "a_total 1\n", HEAD + "b_total 1\n", HEAD + HEAD,
                     HEAD + "a_total 1\na_total 2\n", HEAD + 'a_total{x="1",x="2"} 1\n',
                     HEAD + "a_total{x=1} 1\n", HEAD + "a_total one\n", HEAD + "a_total -1\n",
                     "# HELP a A.\n# TYPE a counter\n", "# TYPE a gauge\n", "# HELP a A.\na 1\n",
                     "# HELP a A.\n# TYPE a number\n", "# HELP b_total B.\n# TYPE b_total gauge\n",
                     HISTOGRAM.replace("h_count 3", "h_count 4"), HISTOGRAM.replace("+Inf", "5"),
                     HISTOGRAM.replace("h_sum 4.5\n", ""), HISTOGRAM.replace("} 2", "} 9")):
            with self.subTest(text), self.assertRaises((Malformed, ValueError, KeyError)):
                parse(text)


if __name__ == "__main__":
    unittest.main()
