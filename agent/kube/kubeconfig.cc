#include "agent/kube/kubeconfig.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <utility>

#include "agent/kube/base64.h"
#include "agent/kube/server_url.h"

namespace sluice::kube {
namespace {

// A map in the file, and where it stands.
struct Section {
  YAML::Node node;
  std::string field;

  std::string FieldOf(std::string_view name) const {
    return field.empty() ? std::string(name) : field + "." + std::string(name);
  }
};

Error WrongField(const std::string& field, const std::string& what) {
  return Invalid(field + ": " + what);
}

// Empty if missing: to clientcmd an empty field is a missing one.
Result<std::string> TextField(const Section& section, const std::string& name) {
  const YAML::Node value = section.node[name];
  if (!value || value.IsNull()) return std::string();
  if (!value.IsScalar()) return WrongField(section.FieldOf(name), "a string was expected");
  return value.Scalar();
}

struct Named {
  std::string list;  // "clusters"
  std::string body;  // "cluster"
  std::string name;
};

// The body of the entry of that name: clusters: [{name: NAME, cluster: BODY}].
Result<Section> FindNamed(const YAML::Node& root, const Named& wanted) {
  const YAML::Node list = root[wanted.list];
  if (list && !list.IsNull() && !list.IsSequence()) {
    return WrongField(wanted.list, "a list was expected");
  }
  if (list && list.IsSequence()) {
    for (const YAML::Node& entry : list) {
      if (!entry.IsMap() || !entry["name"] || !entry["name"].IsScalar()) continue;
      if (entry["name"].Scalar() != wanted.name) continue;
      const std::string field = wanted.list + "[" + wanted.name + "]." + wanted.body;
      const YAML::Node body = entry[wanted.body];
      if (!body || !body.IsMap()) return WrongField(field, "is missing");
      return Section{body, field};
    }
  }
  return WrongField(wanted.list, "has no entry named \"" + wanted.name + "\"");
}

Status RefuseFields(const Section& section, std::initializer_list<const char*> names) {
  for (const std::string name : names) {
    const YAML::Node value = section.node[name];
    if (!value || value.IsNull()) continue;
    if (value.IsScalar() && (value.Scalar().empty() || value.Scalar() == "false")) continue;
    return Unsupported(section.FieldOf(name) + ": is not supported");
  }
  return Ok();
}

class Reader {
 public:
  explicit Reader(const KubeconfigText& kubeconfig) {
    const size_t slash = kubeconfig.file.rfind('/');
    if (slash != std::string::npos) directory_ = kubeconfig.file.substr(0, slash + 1);
  }

  Result<ClusterAccess> Read(const YAML::Node& root) const {
    if (!root.IsMap()) return Invalid("is not a kubeconfig: a map was expected");
    SLUICE_ASSIGN_OR_RETURN(const std::string current, TextField({root, ""}, "current-context"));
    if (current.empty()) return WrongField("current-context", "is missing");
    SLUICE_ASSIGN_OR_RETURN(const Section context,
                            FindNamed(root, {"contexts", "context", current}));
    ClusterAccess access;
    SLUICE_ASSIGN_OR_RETURN(const std::string cluster_name, TextField(context, "cluster"));
    if (cluster_name.empty()) return WrongField(context.FieldOf("cluster"), "is missing");
    SLUICE_ASSIGN_OR_RETURN(const Section cluster,
                            FindNamed(root, {"clusters", "cluster", cluster_name}));
    SLUICE_RETURN_IF_ERROR(ReadCluster(cluster, access));
    SLUICE_ASSIGN_OR_RETURN(const std::string user_name, TextField(context, "user"));
    if (user_name.empty()) return WrongField(context.FieldOf("user"), "is missing");
    SLUICE_ASSIGN_OR_RETURN(const Section user, FindNamed(root, {"users", "user", user_name}));
    SLUICE_RETURN_IF_ERROR(ReadUser(user, access));
    return access;
  }

 private:
  Status ReadCluster(const Section& cluster, ClusterAccess& access) const {
    SLUICE_RETURN_IF_ERROR(RefuseFields(cluster, {"insecure-skip-tls-verify", "proxy-url"}));
    SLUICE_ASSIGN_OR_RETURN(const std::string server, TextField(cluster, "server"));
    if (server.empty()) return WrongField(cluster.FieldOf("server"), "is missing");
    Result<ServerUrl> url = ParseServerUrl(server);
    if (!url.ok()) return url.error().Context(cluster.FieldOf("server"));
    access.server = *std::move(url);
    SLUICE_ASSIGN_OR_RETURN(access.tls_server_name, TextField(cluster, "tls-server-name"));
    SLUICE_ASSIGN_OR_RETURN(access.ca, PemField(cluster, "certificate-authority"));
    return Ok();
  }

  Status ReadUser(const Section& user, ClusterAccess& access) const {
    SLUICE_RETURN_IF_ERROR(RefuseFields(user, {"exec", "auth-provider", "username", "password",
                                               "as", "as-uid", "as-groups", "as-user-extra"}));
    SLUICE_ASSIGN_OR_RETURN(auto certificate, PemField(user, "client-certificate"));
    SLUICE_ASSIGN_OR_RETURN(auto key, PemField(user, "client-key"));
    if (certificate && !key) return WrongField(user.FieldOf("client-key"), "is missing");
    if (key && !certificate) return WrongField(user.FieldOf("client-certificate"), "is missing");
    if (certificate) {
      access.client_certificate = ClientCertificate{*std::move(certificate), *std::move(key)};
    }
    SLUICE_ASSIGN_OR_RETURN(std::string token_file, TextField(user, "tokenFile"));
    SLUICE_ASSIGN_OR_RETURN(std::string token, TextField(user, "token"));
    // clientcmd lets the file win: it is the one that can rotate.
    if (!token_file.empty()) {
      access.token = FilePath{Resolve(std::move(token_file))};
    } else if (!token.empty()) {
      access.token = Inline{std::move(token)};
    }
    if (!access.client_certificate && !access.token) {
      return WrongField(user.field, "has neither a client-certificate nor a token");
    }
    return Ok();
  }

  // NAME-data wins over NAME, as in clientcmd.
  Result<std::optional<Secret>> PemField(const Section& section, const std::string& name) const {
    SLUICE_ASSIGN_OR_RETURN(const std::string data, TextField(section, name + "-data"));
    if (!data.empty()) {
      auto text = DecodeBase64(data);
      if (!text) return WrongField(section.FieldOf(name + "-data"), "is not base64");
      return std::optional<Secret>(Inline{*std::move(text)});
    }
    SLUICE_ASSIGN_OR_RETURN(std::string path, TextField(section, name));
    if (path.empty()) return std::optional<Secret>();
    return std::optional<Secret>(FilePath{Resolve(std::move(path))});
  }

  std::string Resolve(std::string path) const {
    return path.front() == '/' ? path : directory_ + path;
  }

  std::string directory_;
};

}  // namespace

Result<ClusterAccess> ParseKubeconfig(const KubeconfigText& kubeconfig) {
  YAML::Node root;
  try {
    root = YAML::Load(kubeconfig.text);
    Result<ClusterAccess> access = Reader(kubeconfig).Read(root);
    if (!access.ok()) return access.error().Context(kubeconfig.file);
    return access;
  } catch (const YAML::Exception& wrong) {
    // Its message names the line.
    return Invalid(std::string("is not valid YAML: ") + wrong.what()).Context(kubeconfig.file);
  }
}

}  // namespace sluice::kube
