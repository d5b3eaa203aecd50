// WatchDecoder: the body of a watch, in chunks split anywhere, into events. Memory is bounded by
// one event. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "agent/kube/api_object.h"
#include "agent/kube/list_decoder.h"
#include "agent/kube/resource.h"
#include "agent/kube/value_cutter.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

class WatchDecoder {
 public:
  explicit WatchDecoder(Resource resource, size_t max_event_bytes = kMaxObjectBytes)
      : resource_(resource), cutter_(max_event_bytes) {}

  // The events that are whole now. Error: what came is no event, nothing after it makes sense, and
  // what was before it in the chunk is to be asked for again.
  Result<std::vector<WatchEvent>> Feed(std::string_view chunk);

 private:
  Resource resource_;
  ValueCutter cutter_;
  bool cutting_ = false;
};

}  // namespace sluice::kube
