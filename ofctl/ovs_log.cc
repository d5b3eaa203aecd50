#include "ofctl/ovs_log.h"

#include "ofctl/ovs_headers.h"

namespace sluice::ofctl {

void SilenceOvsLog() {
  static const bool kSilent = [] {
    vlog_set_levels(nullptr, VLF_ANY_DESTINATION, VLL_OFF);
    return true;
  }();
  static_cast<void>(kSilent);
}

}  // namespace sluice::ofctl
