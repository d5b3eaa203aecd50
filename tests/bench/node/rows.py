"""Rows as sluice-bench reads them, and medians."""

import json
import statistics


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values):
    """Half the distance of the quartiles."""
    return (percentile(values, 0.75) - percentile(values, 0.25)) / 2 if len(values) > 3 else 0.0


def exact(name, value, unit, **goal):
    """goal: against=, against_value=, goal=, of_ratio=1, at_least=1."""
    return json.dumps({"name": name, "value": value, "unit": unit, "spread": 0, **goal})


def median(name, values, unit, **goal):
    return json.dumps({"name": name, "value": statistics.median(values), "unit": unit,
                       "spread": spread(values), **goal})


def paired(name, values, unit, peer, peers_values, **goal):
    """Samples taken in turn with those of a peer: the ratio is the median of the pairs' ratios, the spread
    theirs. What else the machine does changes slowly, and so both of a pair alike."""
    ratios = [mine / its for mine, its in zip(values, peers_values)]
    peers = statistics.median(values) / statistics.median(ratios)
    return json.dumps({"name": name, "value": statistics.median(values), "unit": unit,
                       "spread": spread(ratios) * peers, "against": peer, "against_value": peers,
                       **goal})
