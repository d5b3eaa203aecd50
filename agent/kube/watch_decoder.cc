#include "agent/kube/watch_decoder.h"

#include <utility>

namespace sluice::kube {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

Result<std::vector<WatchEvent>> WatchDecoder::Feed(std::string_view chunk) {
  std::vector<WatchEvent> events;
  while (!chunk.empty()) {
    if (!cutting_ && IsBlank(chunk.front())) {
      chunk.remove_prefix(1);
      continue;
    }
    if (!cutting_ && chunk.front() != '{') return Invalid("a watch event is not an object");
    cutting_ = true;
    if (cutter_.Feed(chunk) != ValueCutter::Result::kWhole) break;
    cutting_ = false;
    SLUICE_ASSIGN_OR_RETURN(
        WatchEvent event,
        DecodeWatchEvent(resource_,
                         {cutter_.text(), cutter_.too_long() ? Length::kCutOff : Length::kWhole}));
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace sluice::kube
