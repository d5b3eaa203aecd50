#!/usr/bin/env bash
# Builds a static libopenvswitch from Debian's openvswitch-source, once per package version.
#
#   build.sh CACHE_DIR      prints the prefix that holds include/ and lib/libopenvswitch.a
#
# Debian ships no libopenvswitch-dev; its openvswitch-source package exists for builds like this one.
# Only gcc, make and python3 are needed: TLS, capng, unbound and unwind are switched off, so that the
# link line does not depend on what happens to be installed. Sluice uses the library as a codec only.
set -euo pipefail

cache=${1:?usage: build.sh CACHE_DIR}
tarball=/usr/src/openvswitch/openvswitch.tar.gz
version=$(dpkg-query -W -f '${Version}' openvswitch-source)
prefix=$cache/libopenvswitch-$version
jobs=$(nproc)

if [ -e "$prefix/complete" ]; then
  echo "$prefix"
  exit 0
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9  # two configure runs at once build it once
if [ -e "$prefix/complete" ]; then
  echo "$prefix"
  exit 0
fi

work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
log=$cache/libopenvswitch-build.log
echo "building libopenvswitch $version (about a minute, once; log: $log)" >&2
{
  tar -xzf "$tarball" -C "$work"
  source=$(find "$work" -mindepth 1 -maxdepth 1 -type d | head -1)
  mkdir "$work/out"
  cd "$work/out"
  ac_cv_lib_unwind_unw_backtrace=no ac_cv_lib_unbound_ub_ctx_create=no \
    "$source/configure" --prefix="$work/install" --disable-shared --enable-static --with-pic \
    --disable-ssl --disable-libcapng --disable-afxdp --disable-dependency-tracking \
    --enable-ndebug CFLAGS='-O2 -g0 -ffunction-sections -fdata-sections'
  # The library target alone misses these generated sources: only `make all` would build them.
  make -j"$jobs" include/odp-netlink.h include/odp-netlink-macros.h lib/vswitch-idl.h \
    lib/vswitch-idl.c lib/ovsdb-server-idl.h lib/ovsdb-server-idl.c
  make -j"$jobs" lib/libopenvswitch.la
  make install-openvswitchincludeHEADERS install-openflowincludeHEADERS
  install -D -m 0644 lib/.libs/libopenvswitch.a "$work/install/lib/libopenvswitch.a"
} >"$log" 2>&1 </dev/null || { tail -20 "$log" >&2; exit 1; }

rm -rf "$prefix"
mv "$work/install" "$prefix"
touch "$prefix/complete"
echo "$prefix"
