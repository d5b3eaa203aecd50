# Sourced by up: etcd, apiserver, controller manager and scheduler, on node 1.
# shellcheck shell=bash disable=SC2154

start_etcd() {
  spawn_on 1 etcd etcd --data-dir="$state/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
    --listen-peer-urls=http://127.0.0.1:2380
}

start_apiserver() {
  local pki=$state/pki
  spawn_on 1 kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 \
    --secure-port=$api_port --advertise-address=$node_net.1 \
    --service-cluster-ip-range=10.96.0.0/16 --client-ca-file="$pki/ca.crt" \
    --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
    --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key" \
    --kubelet-preferred-address-types=InternalIP \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$pki/service-account.pub" \
    --service-account-signing-key-file="$pki/service-account.key" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged
}

# More requests a second than by default, which would delay its start by seconds; accounts of its
# own, because its user may not empty a namespace.
start_controllers() {
  local pki=$state/pki
  spawn_on 1 kube-controller-manager kube-controller-manager --leader-elect=false \
    --kubeconfig="$state/controller-manager.kubeconfig" --root-ca-file="$pki/ca.crt" \
    --service-account-private-key-file="$pki/service-account.key" \
    --use-service-account-credentials --kube-api-qps=200 --kube-api-burst=400 \
    --allocate-node-cidrs --cluster-cidr=$pod_net.0.0/16 --node-cidr-mask-size=24 \
    --flex-volume-plugin-dir="$state/flex"
  spawn_on 1 kube-scheduler kube-scheduler --leader-elect=false \
    --kubeconfig="$state/scheduler.kubeconfig"
}

# free_port: the first of 6443, 6444, … that nobody on this machine listens on.
free_port() {
  local port=$api_port
  while [[ -n $(ss -Hltn "sport = :$port") ]]; do port=$((port + 1)); done
  echo "$port"
}

# expose_apiserver: on 127.0.0.1 of this machine, each connection carried into node 1.
expose_apiserver() {
  local port
  port=$(free_port)
  echo "$port" >"$state/port"
  kubeconfig kubeconfig admin "127.0.0.1:$port"
  spawn proxy socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" \
    "EXEC:nsenter -t $(cat "$state/node1.pid") -n socat - TCP\:127.0.0.1\:$api_port"
}
