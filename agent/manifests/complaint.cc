#include "agent/manifests/manifest_source.h"

namespace sluice::manifests {

std::string Complaint::ToString() const {
  return file + (line > 0 ? ":" + std::to_string(line) : "") + ": " + text;
}

}  // namespace sluice::manifests
