// Small manifests for tests.
#pragma once

#include <string>

namespace sluice::manifests {

inline std::string PodText(const std::string& name, const std::string& label) {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n  labels: {app: \"" + label +
         "\"}\nspec:\n  containers: [{name: c}]\n";
}

// In line 6 stands the port.
inline std::string PolicyText(const std::string& name, const std::string& port) {
  return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " + name +
         "}\nspec:\n  ingress:\n  - ports: [{port: " + port + "}]\n";
}

inline std::string NamespaceText(const std::string& name) {
  return "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + "}\n";
}

}  // namespace sluice::manifests
