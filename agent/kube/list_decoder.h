// ListDecoder: the body of a list, in chunks split anywhere, into one object after the other.
// Memory is bounded by one object, however long the list. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/kube/api_object.h"
#include "agent/kube/resource.h"
#include "agent/kube/value_cutter.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

// etcd takes no object above 1.5 MiB unless told, the apiserver none above 3 MiB.
constexpr size_t kMaxObjectBytes = size_t{8} << 20;

struct ListMeta {
  std::string resource_version;
  std::string continue_token;  // empty: this was the last page

  friend bool operator==(const ListMeta&, const ListMeta&) = default;
};

class ListDecoder {
 public:
  explicit ListDecoder(Resource resource, size_t max_object_bytes = kMaxObjectBytes)
      : resource_(resource), cutter_(max_object_bytes) {}

  // The objects that are whole now. An object that cannot be understood is one of them. Error: the
  // body is no list, and nothing after it makes sense.
  Result<std::vector<ApiObject>> Feed(std::string_view chunk);

  // After the last chunk. Error: the body ended too early, or does not say its resourceVersion,
  // from which a watch could go on.
  Result<ListMeta> Finish() const;

 private:
  enum class Place : uint8_t {
    kStart,
    kFirstKey,  // a key or the end of the object
    kKey,
    kColon,
    kValue,
    kAfterValue,
    kFirstItem,  // an item or the end of the list
    kItem,
    kAfterItem,
    kEnd
  };

  // Takes at least one byte.
  Status Step(std::string_view& bytes, std::vector<ApiObject>& objects);
  Status StepCut(std::string_view& bytes, std::vector<ApiObject>& objects);
  Status Punctuation(char c);
  Status TakeValue(std::string_view text);

  Resource resource_;
  ValueCutter cutter_;
  Place place_ = Place::kStart;
  bool cutting_ = false;
  std::string key_;
  ListMeta meta_;
};

}  // namespace sluice::kube
