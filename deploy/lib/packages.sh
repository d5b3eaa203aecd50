# Sourced by deploy/playground and tests/run: installs what packages.txt lists and is missing.
# shellcheck shell=bash

# packages_of FILE SECTION...: the names in these sections.
packages_of() {
  local file=$1 section= line
  shift
  while read -r line; do
    case $line in
      '' | '#'*) ;;
      '['*']') section=${line:1:-1} ;;
      *) case " $* " in *" $section "*) printf '%s\n' "$line" ;; esac ;;
    esac
  done <"$file"
}

# missing_packages NAME...: those dpkg does not have installed.
missing_packages() {
  local installed name
  # dpkg-query fails for a package it has never heard of: on a bare machine, for most of them.
  installed=$({ dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null || true; } |
    sed -n 's/^ii *//p')
  for name in "$@"; do
    grep -qxF -- "$name" <<<"$installed" || printf '%s\n' "$name"
  done
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  local options=(-q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
  apt-get "${options[@]}" update &&
    apt-get "${options[@]}" install --no-install-recommends "$@"
}

# Installing Open vSwitch must not start it on the host, nor at the next boot: the playground and
# the tests run private ones. A policy-rc.d that is there already is the administrator's and stays.
install_packages() {
  local log=$1 policy=/usr/sbin/policy-rc.d ours= had_switch=yes status=0
  shift
  dpkg-query -W -f '${Status}' openvswitch-switch 2>/dev/null | grep -q 'ok installed' ||
    had_switch=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  # dpkg is never interrupted halfway.
  ( trap '' INT TERM; STEP_UNINTERRUPTED=yes; step "installing $# Debian packages" "$log" apt_install "$@" ) || status=$?
  if [ -n "$ours" ]; then
    rm -f "$policy"
    trap - EXIT
  fi
  if [ -z "$had_switch" ] && [ -d /run/systemd/system ]; then
    systemctl disable --quiet openvswitch-switch.service 2>/dev/null || true
  fi
  return "$status"
}

# ensure_packages FILE LOG SECTION...
ensure_packages() {
  local file=$1 log=$2 wanted missing
  shift 2
  command -v apt-get >/dev/null || die "needs Debian 12 (apt-get is missing)"
  mapfile -t wanted < <(packages_of "$file" "$@")
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ "${#missing[@]}" -eq 0 ] || install_packages "$log" "${missing[@]}"
}
