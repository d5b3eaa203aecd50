# Sourced by deploy/playground and tests/run: one line for each long step, with its seconds.
# shellcheck shell=bash

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

require_root() {
  [ "$(id -u)" -eq 0 ] || die "must run as root (network namespaces need it): sudo $0 $*"
}

# step TITLE LOG COMMAND...: runs COMMAND with its output in LOG; shows how far it is: in place on
# a terminal, every 20 seconds otherwise. On failure the log's end is shown.
step() {
  local title=$1 log=$2 start=$SECONDS pid last shown=0 status=0
  shift 2
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  # shellcheck disable=SC2064  # the pid of now is meant
  [ -n "${STEP_UNINTERRUPTED-}" ] || trap "kill $pid 2>/dev/null; exit 130" INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if [ -t 1 ]; then
      last=$(tail -c 300 "$log" 2>/dev/null | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]')
      printf '\r\033[K  %s %ds  %.60s' "$title" $((SECONDS - start)) "$last"
    elif [ $((SECONDS - start)) -ge $((shown + 20)) ]; then
      shown=$((SECONDS - start))
      last=$(tail -c 300 "$log" 2>/dev/null | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]')
      printf '  %s %ds  %.60s\n' "$title" "$shown" "$last"
    fi
  done
  wait "$pid" || status=$?
  [ -n "${STEP_UNINTERRUPTED-}" ] || trap - INT TERM
  [ -t 1 ] && printf '\r\033[K'
  if [ "$status" -ne 0 ]; then
    printf '  %-44s failed after %ds\n' "$title" $((SECONDS - start))
    tail -n 30 "$log" >&2
    die "$title failed; whole log: $log"
  fi
  printf '  %-44s %4ds\n' "$title" $((SECONDS - start))
}
