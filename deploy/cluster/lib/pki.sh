# Sourced by up: the cluster's certificates and kubeconfigs.
# shellcheck shell=bash disable=SC2154

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$state/pki/$1.key"; }

# certificate NAME SUBJECT [SUBJECT_ALT_NAMES]
certificate() {
  local pki=$state/pki
  new_key "$1"
  openssl req -new -key "$pki/$1.key" -subj "$2" |
    openssl x509 -req -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -days 3650 -out "$pki/$1.crt" \
      -extfile <(echo "extendedKeyUsage=serverAuth,clientAuth
${3:+subjectAltName=$3}") 2>/dev/null
}

# kubeconfig FILE CERTIFICATE_NAME SERVER
kubeconfig() {
  cat >"$state/$1" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://$3", certificate-authority: $state/pki/ca.crt}}]
users: [{name: u, user: {client-certificate: $state/pki/$2.crt, client-key: $state/pki/$2.key}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
YAML
}

make_pki() {
  local pki=$state/pki
  new_key ca
  openssl req -x509 -new -key "$pki/ca.key" -subj "/CN=$cluster" -days 3650 -out "$pki/ca.crt"
  new_key service-account
  openssl ec -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub" 2>/dev/null
  certificate apiserver /CN=kube-apiserver "DNS:kubernetes,DNS:kubernetes.default,\
DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$api_service,IP:$node_net.1"
  certificate admin /O=system:masters/CN=admin
  certificate controller-manager /CN=system:kube-controller-manager
  certificate scheduler /CN=system:kube-scheduler
  kubeconfig controller-manager.kubeconfig controller-manager "127.0.0.1:$api_port"
  kubeconfig scheduler.kubeconfig scheduler "127.0.0.1:$api_port"
}
