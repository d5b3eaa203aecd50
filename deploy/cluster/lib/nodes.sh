# Sourced by up: nodes as sets of namespaces, and the network between them.
# shellcheck shell=bash disable=SC2154

# The outside world: a network namespace with the bridge that joins the nodes. Numbered 0.
make_fabric() {
  spawn node0 unshare --net --fork --kill-child sleep infinity
  until_true 5 "the fabric's namespace" pgrep -P "$(cat "$state/pid/node0")"
  pgrep -P "$(cat "$state/pid/node0")" >"$state/node0.pid"
  on_node 0 ip link add fabric type bridge
  on_node 0 ip address add "$node_net.254/24" dev fabric
  on_node 0 ip link set lo up
  on_node 0 ip link set fabric up
}

# make_node NUMBER
make_node() {
  local n=$1 pid
  spawn "node$n" unshare --net --mount --pid --uts --fork --kill-child --mount-proc \
    "$here/lib/node_init" "$state/node$n"
  until_true 5 "node$n" test -e "$state/node$n/ready"
  pid=$(pgrep -P "$(cat "$state/pid/node$n")")
  echo "$pid" >"$state/node$n.pid"
  on_node "$n" hostname "node$n"
  connect_node "$n"
}

# connect_node NUMBER: gives it eth0, its way out, and the apiserver's service address, which
# kube-proxy would serve elsewhere.
connect_node() {
  local n=$1 chain
  on_node 0 ip link delete "node$n" 2>/dev/null || true
  on_node 0 ip link add "node$n" type veth peer name eth0 netns "$(cat "$state/node$n.pid")"
  on_node 0 ip link set "node$n" master fabric up
  on_node 0 ip route replace "$pod_net.$n.0/24" via "$node_net.$n"
  on_node "$n" ip link set lo up
  on_node "$n" ip address add "$node_net.$n/24" dev eth0
  on_node "$n" ip link set eth0 up
  on_node "$n" ip route add default via "$node_net.254"
  on_node "$n" sysctl -qw net.ipv4.ip_forward=1
  for chain in OUTPUT PREROUTING; do
    on_node "$n" iptables -t nat -A $chain -d "$api_service" -p tcp --dport 443 \
      -j DNAT --to "$node_net.1:$api_port"
  done
}
