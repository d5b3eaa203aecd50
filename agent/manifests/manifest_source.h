// ManifestSource: a directory of Kubernetes manifests as a source of truth, followed by inotify.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/store/objects.h"
#include "ofctl/base/result.h"

namespace boost::asio {
class io_context;
}

namespace sluice::manifests {

// Something in the directory that was refused or skipped; one line for a person.
struct Complaint {
  enum class Severity : uint8_t { kError, kWarning };
  Severity severity = Severity::kError;
  std::string file;
  int line = 0;      // from 1; 0 if about the whole file
  std::string text;  // object, field and what is wrong with it

  std::string ToString() const;  // "web.yaml:12: NetworkPolicy default/web: spec...: ..."
  friend bool operator==(const Complaint&, const Complaint&) = default;
};

class ManifestSource {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // What changed since the last call, in one batch. The first batch is the whole directory and
    // is delivered even if it is empty: from then on the source is in sync.
    virtual void OnObjects(std::vector<store::StoreEvent> events) = 0;
    // All complaints in force now, replacing those before.
    virtual void OnComplaints(const std::vector<Complaint>& complaints) = 0;
  };

  // `io` and `listener` must outlive the source.
  ManifestSource(boost::asio::io_context& io, std::string directory, Listener& listener);
  ~ManifestSource();
  // Error if the directory cannot be read or watched.
  Status Start();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::manifests
