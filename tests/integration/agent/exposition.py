"""A strict parser of Prometheus' text exposition format 0.0.4: what is allowed there and more than
that (HELP and TYPE of every metric, once and together) is demanded."""

import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"'
_SAMPLE = re.compile(rf"^({_NAME})(?:\{{((?:{_LABEL},?)*)\}})? (\S+)$")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")


class Malformed(Exception):
    pass


class Family:
    def __init__(self, name, help_text):
        self.name, self.help, self.type, self.samples = name, help_text, None, {}

    def __getitem__(self, labels):
        """Of the sample with exactly these labels, given as a dict."""
        return self.samples[(self.name, frozenset(labels.items()))]


def _suffixes(family):
    return ("_bucket", "_sum", "_count") if family.type == "histogram" else ("",)


def _take(family, line):
    sample = _SAMPLE.match(line)
    if not sample:
        raise Malformed(f"no sample: {line!r}")
    if family is None or family.type is None:
        raise Malformed(f"a sample before HELP and TYPE: {line!r}")
    name, labels, value = sample.group(1), sample.group(2) or "", sample.group(5)
    if name not in [family.name + suffix for suffix in _suffixes(family)]:
        raise Malformed(f"{name} stands among the samples of {family.name}")
    pairs = re.findall(_LABEL, labels)
    if len(dict(pairs)) != len(pairs):
        raise Malformed(f"a label twice: {line!r}")
    key = (name, frozenset(pairs))
    if key in family.samples:
        raise Malformed(f"a sample twice: {line!r}")
    family.samples[key] = float(value.replace("Inf", "inf"))


def _check_histogram(family):
    series = {}
    for (name, labels), value in family.samples.items():
        bound = dict(labels).get("le")
        rest = frozenset(pair for pair in labels if pair[0] != "le")
        series.setdefault(rest, {})[(name, bound)] = value
    for labels, samples in series.items():
        buckets = sorted((float(bound.replace("Inf", "inf")), value)
                         for (_, bound), value in samples.items() if bound is not None)
        counts = [value for _, value in buckets]
        if not buckets or buckets[-1][0] != float("inf"):
            raise Malformed(f"{family.name}{dict(labels)}: no bucket +Inf")
        if counts != sorted(counts) or counts[-1] != samples[(family.name + "_count", None)]:
            raise Malformed(f"{family.name}{dict(labels)}: buckets do not add up")
        if (family.name + "_sum", None) not in samples:
            raise Malformed(f"{family.name}{dict(labels)}: no sum")


def parse(text):
    """Families by name."""
    if not text.endswith("\n"):
        raise Malformed("the last line does not end")
    families, family = {}, None
    for line in text[:-1].split("\n"):
        words = line.split(" ", 3)
        if words[:2] == ["#", "HELP"]:
            if words[2] in families or len(words) < 4:
                raise Malformed(f"HELP twice or empty: {line!r}")
            family = families[words[2]] = Family(words[2], words[3])
        elif words[:2] == ["#", "TYPE"]:
            if family is None or words[2] != family.name or family.type or words[3] not in TYPES:
                raise Malformed(f"TYPE in a wrong place: {line!r}")
            family.type = words[3]
        else:
            _take(family, line)
    for each in families.values():
        if each.type is None:
            raise Malformed(f"{each.name} has no TYPE")
        if (each.type == "counter") != each.name.endswith("_total"):
            raise Malformed(f"{each.name}: _total is for counters, and for all of them")
        if each.type == "counter" and min(each.samples.values(), default=0) < 0:
            raise Malformed(f"{each.name} is negative")
        if each.type == "histogram":
            _check_histogram(each)
    return families
