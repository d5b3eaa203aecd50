// What an apiserver sends, as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::kube {

inline std::string Meta(const std::string& name, const std::string& version,
                        const std::string& more = "") {
  return R"("metadata":{"name":")" + name + R"(","namespace":"shop","uid":"u-)" + name +
         R"(","resourceVersion":")" + version + "\"" + more + "}";
}

// As it stands in a list: without apiVersion and kind, and with much that nobody here reads.
inline std::string PodItem(const std::string& name, const std::string& version,
                           const std::string& ip = "10.244.0.7") {
  return "{" +
         Meta(name, version,
              R"(,"labels":{"app":")" + name +
                  R"("},"managedFields":[{"manager":"kubelet","fieldsV1":{"f:a":{}}}])") +
         R"(,"spec":{"volumes":[{"name":"v","emptyDir":{}}],"containers":[{"name":"c","image":"i",)"
         R"("env":[{"name":"A","value":"}]\"{"}],"ports":[{"name":"http","containerPort":80,)"
         R"("protocol":"TCP"}]}],"initContainers":[{"restartPolicy":"Always","ports":)"
         R"([{"containerPort":53,"protocol":"UDP"}]}],"nodeName":"node1","hostNetwork":false},)"
         R"("status":{"phase":"Running","podIP":")" +
         ip + R"(","podIPs":[{"ip":")" + ip + R"("}],"conditions":[{"type":"Ready"}]}})";
}

inline std::string PolicyItem(const std::string& name, const std::string& version,
                              const std::string& spec) {
  return "{" + Meta(name, version) + R"(,"spec":)" + spec + "}";
}

inline std::string ListOf(const std::vector<std::string>& items, const std::string& version,
                          const std::string& continuation = "") {
  std::string text = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":")" +
                     version + R"(","continue":")" + continuation + R"("},"items":[)";
  for (size_t i = 0; i < items.size(); ++i) text += (i > 0 ? "," : "") + items[i];
  return text + "]}\n";
}

inline std::string EventOf(std::string_view type, const std::string& object) {
  return R"({"type":")" + std::string(type) + R"(","object":)" + object + "}\n";
}

inline std::string BookmarkOf(const std::string& version, const std::string& annotations = "") {
  return EventOf("BOOKMARK", R"({"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":")" +
                                 version + "\"" + annotations + R"(,"creationTimestamp":null}})");
}

inline std::string StatusOf(int code, const std::string& reason, const std::string& message) {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")" +
         message + R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}";
}

}  // namespace sluice::kube
