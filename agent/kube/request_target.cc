#include "agent/kube/request_target.h"

namespace sluice::kube {
namespace {

// RFC 3986, 2.3: what need not be escaped.
bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string Escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += kHex[byte >> 4];
    escaped += kHex[byte & 0xf];
  }
  return escaped;
}

std::string Watch(Resource resource, uint32_t timeout_s) {
  return std::string(PathOf(resource)) +
         "?watch=true&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(timeout_s);
}

}  // namespace

std::string ListTarget(Resource resource, ListPage page) {
  std::string target(PathOf(resource));
  if (page.limit > 0) target += "?limit=" + std::to_string(page.limit);
  if (!page.continuation.empty()) {
    target += (page.limit > 0 ? "&continue=" : "?continue=") + Escaped(page.continuation);
  }
  return target;
}

std::string WatchTarget(Resource resource, WatchFrom from) {
  return Watch(resource, from.timeout_s) + "&resourceVersion=" + Escaped(from.resource_version);
}

std::string ObjectTarget(Resource resource, std::string_view name) {
  return std::string(PathOf(resource)) + "/" + Escaped(name);
}

std::string StreamingListTarget(Resource resource, uint32_t timeout_s) {
  return Watch(resource, timeout_s) + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
}

}  // namespace sluice::kube
