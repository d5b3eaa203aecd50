#!/bin/sh
# sluice-conformance as it is called: program_test.sh PROGRAM DATA. What it answers, at both levels.
set -u
program=$1
data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect STATUS PATTERN ARGUMENTS...: the exit status, and a line that the last one printed matches.
expect() {
  status=$1 pattern=$2
  shift 2
  "$program" "$@" >"$work/output" 2>&1
  got=$?
  if [ $got -ne "$status" ] || ! tail -n 1 "$work/output" | grep -Eq "$pattern"; then
    echo "sluice-conformance $*: status $got, expected $status and a last line like: $pattern"
    cat "$work/output"
    failed=1
  fi
}

sed '0,/"X\.\."/s//"XX."/' "$data/clients.json" >"$work/wrong.json"
echo '{"tests": []}' >"$work/admin.json"
summary='cases, [0-9]+ verdicts,'
for level in engine trace; do
  expect 0 "^2 $summary 0 wrong, [0-9]+ skipped \(.+\)$" \
    --level=$level "$data/clients.json" "$data/workloads.json"
  expect 1 "^1 $summary 2 wrong, [0-9]+ skipped \(.+\)$" --level=$level "$work/wrong.json"
done
expect 1 "^1 $summary 1 wrong," --mode=replay "$work/wrong.json"
expect 2 'no file named'
expect 2 'missing.json: no such file' "$work/missing.json"
expect 2 'ClusterNetworkPolicy' "$data/clients.json" "$work/admin.json"
expect 2 'no JSON' "$0"
expect 2 'engine, trace or packets' --level=guess "$data/clients.json"
expect 2 'N/M' --sample=3/2 "$data/clients.json"
expect 2 'jump, replay or both' --mode=walk "$data/clients.json"
exit $failed
