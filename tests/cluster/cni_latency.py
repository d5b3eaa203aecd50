"""What the agents' metric says of kubelet's CNI ADDs (sluice_cni_request_duration_seconds). Pure."""

import re

_BUCKET = re.compile(r"sluice_cni_request_duration_seconds_bucket\{(.*)\}")
_COUNT = re.compile(r"sluice_cni_request_duration_seconds_count\{(.*)\}")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


def _labels(pattern, name):
    match = pattern.fullmatch(name)
    return dict(_LABEL.findall(match.group(1))) if match else {}


def failed_adds(samples):
    """result -> number, of those that are not ok. `samples`: name{labels} -> value."""
    failed = {}
    for name, value in samples.items():
        labels = _labels(_COUNT, name)
        if labels.get("verb") == "ADD" and labels["result"] != "ok" and value:
            failed[labels["result"]] = failed.get(labels["result"], 0) + int(value)
    return failed


def add_percentile(nodes_samples, percent):
    """The bound of the bucket (seconds) that so many per cent of all nodes' good ADDs are within; None
    without any."""
    buckets = {}
    for samples in nodes_samples:
        for name, value in samples.items():
            labels = _labels(_BUCKET, name)
            if labels.get("verb") == "ADD" and labels["result"] == "ok":
                bound = float(labels["le"])
                buckets[bound] = buckets.get(bound, 0) + value
    total = buckets.get(float("inf"), 0)
    return next((bound for bound in sorted(buckets) if buckets[bound] * 100 >= total * percent),
                None) if total else None
