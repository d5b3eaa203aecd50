# Sourced by all scripts here: where a cluster's things are, and its processes.
# shellcheck shell=bash disable=SC2034

cluster_bin=${CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kube-cluster}/bin

# Addresses are the same in every cluster: each has its networks in namespaces of its own.
node_net=172.30.0   # node N is $node_net.N; the way out, where the outside world is, .254
pod_net=10.244      # pods of node N are $pod_net.N.0/24, as the controller manager hands them out
api_port=6443       # on node 1
api_service=10.96.0.1

# use_cluster NAME: sets $cluster and $state. Several of different names can run side by side.
use_cluster() {
  [[ $1 =~ ^[a-z0-9-]{0,30}$ ]] || die "--name $1: lower case letters, digits and '-', at most 30"
  cluster=sluice-cluster${1:+-$1}
  state=/var/tmp/$cluster
  export SLUICE_CLUSTER_STATE=$state # how `down` knows its processes
}

# spawn NAME COMMAND...: a process apart from this shell, logged, and noted for `down`.
spawn() {
  local name=$1
  shift
  setsid "$@" >>"$state/log/$name.log" 2>&1 </dev/null &
  echo $! >"$state/pid/$name"
}

# until_true SECONDS WHAT COMMAND...
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || { echo "timed out waiting for $what" >&2; return 1; }
    sleep 0.1
  done
}

# on_node NUMBER COMMAND...: in the node's namespaces. Not `ip netns exec`, which would hide the
# cgroups behind a /sys of its own.
on_node() { nsenter -t "$(cat "$state/node$1.pid")" -a -- "${@:2}"; }

# spawn_on NUMBER NAME COMMAND...
spawn_on() { spawn "$2" nsenter -t "$(cat "$state/node$1.pid")" -a -- "${@:3}"; }
