// ComplaintLog: what the sources complain about now, counted by kind, and told in the log once.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "agent/kube/complaint.h"
#include "agent/manifests/manifest_source.h"

namespace sluice {

class ComplaintLog {
 public:
  // All complaints in force now; those that were not before are logged.
  void Take(const std::vector<manifests::Complaint>& complaints);
  void Take(const std::vector<kube::Complaint>& complaints);

  const std::vector<std::string>& lines() const { return lines_; }
  const std::map<std::string, size_t>& counts() const { return counts_; }

 private:
  template <typename Complaint>
  void TakeAny(const std::vector<Complaint>& complaints);

  std::vector<std::string> lines_;
  std::map<std::string, size_t> counts_;  // by kind of object
};

}  // namespace sluice
