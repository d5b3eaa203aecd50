#!/bin/sh
# sluice-conformance --level=packets as it is called: packets/program_test.sh PROGRAM DATA. That what
# is wrong is found, and that a node that does not work is no pass. Needs root.
set -u
program=$1
data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect STATUS PATTERN ARGUMENTS...: the exit status, and a line that matches.
expect() {
  status=$1 pattern=$2
  shift 2
  "$program" --level=packets "$@" >"$work/output" 2>&1
  judge $? "$status" "$pattern" "$*"
}

judge() {
  if [ "$1" -ne "$2" ] || ! grep -Eq "$3" "$work/output"; then
    echo "sluice-conformance $4: status $1, expected $2 and a line like: $3"
    cat "$work/output"
    failed=1
  fi
}

# A denied cell planted where packets pass, and the other way round.
sed '0,/"X\.\."/s//"XX."/' "$data/clients.json" >"$work/closed.json"
sed '0,/"X\.\."/s//"..."/' "$data/clients.json" >"$work/open.json"
expect 0 '^2 cases, [0-9]+ verdicts, 0 wrong, ' "$data/clients.json" "$data/workloads.json"
expect 1 'TCP/80 combined: y/c -> y/b: expected denied, got allowed$' "$work/closed.json"
expect 1 'TCP/80 combined: y/c -> x/a: expected allowed, got denied$' "$work/open.json"

# The agent dies when it has followed one state: whatever the packets do, that is an error.
many="$data/clients.json $data/clients.json $data/clients.json $data/clients.json"
"$program" --level=packets $many >"$work/output" 2>&1 &
pid=$!
directory=
while kill -0 $pid 2>/dev/null; do
  agent=$(pgrep -P $pid -x sluice-agent) && directory=$(tr '\0' '\n' <"/proc/$agent/cmdline" |
    sed -n 's/^--manifests=//p')
  if [ -n "$directory" ] && grep -q fence-2 "$directory/fence.json" 2>/dev/null; then
    kill -9 "$agent"
    break
  fi
done
wait $pid
judge $? 2 'sluice-agent (is gone|does not answer)|the Sluice agent' "with its agent killed"
exit $failed
