# Sourced by up: containerd and kubelet of a node.
# shellcheck shell=bash disable=SC2154

# make_cgroup NAME: in every hierarchy (v1), or with every controller delegated to it (v2). Each
# node's kubelet needs its own: in a common one they would clean up each other's pods.
make_cgroup() {
  local controller
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    mkdir -p "/sys/fs/cgroup/$1"
    sed 's/[^ ]*/+&/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control
    return
  fi
  for controller in /sys/fs/cgroup/*/; do
    mkdir -p "$controller/$1"
    if [[ $controller == */cpuset/ ]]; then
      cat "$controller/cpuset.cpus" >"$controller/$1/cpuset.cpus"
      cat "$controller/cpuset.mems" >"$controller/$1/cpuset.mems"
    fi
  done
}

# configure_node NUMBER: files only. No CNI configuration: the node is not Ready before Sluice is.
configure_node() {
  local n=$1 root=$state/node$1
  make_cgroup "$cluster-node$n"
  mkdir -p "$root/etc/cni/net.d" "$root/etc/kubernetes/manifests" "$root/opt/cni/bin"
  ln -sf /usr/lib/cni/* "$root/opt/cni/bin/"
  certificate "node$n" "/O=system:nodes/CN=system:node:node$n"
  kubeconfig "node$n.kubeconfig" "node$n" "$node_net.1:$api_port"
  cat >"$root/containerd.toml" <<TOML
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:local"
  restrict_oom_score_adj = true # where root lacks CAP_SYS_RESOURCE
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
TOML
  cat >"$root/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: $state/pki/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$cluster-node$n
failCgroupV1: false
failSwapOn: false
resolvConf: ""
enforceNodeAllocatable: [pods]
maxPods: 250
evictionHard: {memory.available: 100Mi}
imageGCHighThresholdPercent: 100
imageMinimumGCAge: 876000h
staticPodPath: /etc/kubernetes/manifests
volumePluginDir: $state/flex
YAML
}

# start_containerd NUMBER
start_containerd() {
  spawn_on "$1" "containerd$1" containerd --config "$state/node$1/containerd.toml"
  until_true 20 "containerd of node$1" on_node "$1" ctr version
}

# start_kubelet NUMBER
start_kubelet() {
  spawn_on "$1" "kubelet$1" kubelet --config="$state/node$1/kubelet.yaml" \
    --kubeconfig="$state/node$1.kubeconfig" --hostname-override="node$1" \
    --node-ip="$node_net.$1"
}

# import_image NUMBER FILE...
import_image() {
  local n=$1 file
  shift
  for file in "$@"; do
    on_node "$n" ctr -n k8s.io images import "$(readlink -f "$file")" >/dev/null
  done
}
