#!/usr/bin/env python3
"""Pure: what is read from the metric. No cluster."""

import unittest

import cni_latency

NAME = "sluice_cni_request_duration_seconds"
SAMPLES = {
    f'{NAME}_bucket{{result="ok",verb="ADD",le="0.01"}}': 60.0,
    f'{NAME}_bucket{{result="ok",verb="ADD",le="0.1"}}': 98.0,
    f'{NAME}_bucket{{result="ok",verb="ADD",le="1"}}': 100.0,
    f'{NAME}_bucket{{result="ok",verb="ADD",le="+Inf"}}': 100.0,
    f'{NAME}_bucket{{result="ok",verb="DEL",le="+Inf"}}': 7.0,
    f'{NAME}_count{{result="ok",verb="ADD"}}': 100.0,
    f'{NAME}_count{{result="timeout",verb="ADD"}}': 2.0,
}


class CniLatencyTest(unittest.TestCase):
    def test_percentiles_are_bounds_of_buckets(self):
        self.assertEqual(cni_latency.add_percentile([SAMPLES], 50), 0.01)
        self.assertEqual(cni_latency.add_percentile([SAMPLES, SAMPLES], 99), 1.0)
        self.assertIsNone(cni_latency.add_percentile([{}], 99))

    def test_what_failed_is_counted_by_its_result(self):
        self.assertEqual(cni_latency.failed_adds(SAMPLES), {"timeout": 2})


if __name__ == "__main__":
    unittest.main()
