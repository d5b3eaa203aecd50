# Sourced by scripts that build Go programs: a Go that is new enough, on any Debian 12.
# shellcheck shell=bash

# What Kubernetes 1.34 and libcni ask for. Debian 12 has 1.19, which can fetch this one as a module.
go_minimum=24
go_toolchain=golang.org/toolchain@v0.0.1-go1.24.13

# go_command: prints the path of a go(1) of at least 1.$go_minimum. An older one only fetches a newer Go
# from the module proxy, checksum verified; a Go before 1.21 leaves the executable bits of that to us.
go_command() {
  local minor root
  command -v go >/dev/null || { echo "go is missing: apt-get install golang-go" >&2; return 1; }
  minor=$(cd / && GOTOOLCHAIN=local go version | sed -n 's/^go version go1\.\([0-9]*\).*/\1/p')
  if [ "${minor:-0}" -ge "$go_minimum" ]; then
    command -v go
    return
  fi
  root=$(cd / && GOTOOLCHAIN=local GOFLAGS=-mod=mod \
    go mod download -json "$go_toolchain.linux-$(dpkg --print-architecture)" |
    sed -n 's/.*"Dir": "\(.*\)",/\1/p')
  [ -n "$root" ] || { echo "$go_toolchain cannot be fetched" >&2; return 1; }
  chmod +x "$root"/bin/* "$root"/pkg/tool/*/*
  printf '%s\n' "$root/bin/go"
}
