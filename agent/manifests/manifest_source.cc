#include "agent/manifests/manifest_source.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <set>
#include <utility>

#include "agent/manifests/directory_watch.h"
#include "agent/manifests/manifest_files.h"
#include "agent/manifests/manifest_set.h"

namespace sluice::manifests {
namespace {

// A file reached through a symbolic link is read again when the link, or something beside it that
// links lead through, is replaced (as ConfigMap volumes do it); writing to its target elsewhere is
// not seen.
//
// Outlives the source for as long as a handler is queued; silent after Stop.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(boost::asio::io_context& io, std::string directory, ManifestSource::Listener& listener)
      : io_(io),
        directory_(std::move(directory)),
        listener_(&listener),
        watch_(std::make_shared<DirectoryWatch>(io, directory_)) {}

  Status Start() {
    const auto names = ListManifests(directory_);
    if (!names.ok()) return names.error();
    const auto weak = weak_from_this();
    SLUICE_RETURN_IF_ERROR(watch_->Start([weak](const DirectoryChanges& changes) {
      if (const auto self = weak.lock()) self->OnChanges(changes);
    }));
    boost::asio::post(io_, [weak] {
      const auto self = weak.lock();
      if (!self) return;
      DirectoryChanges all;
      all.everything = true;
      self->OnChanges(all);
    });
    return Ok();
  }

  void Stop() {
    listener_ = nullptr;
    watch_->Stop();
  }

 private:
  void OnChanges(const DirectoryChanges& changes) {
    if (listener_ == nullptr) return;
    std::vector<FileChange> read;
    if (changes.directory_gone) {
      trouble_ = "is gone; what it said last stays in force";
    } else {
      read = Read(WhatToRead(changes));
    }
    Deliver(set_.Apply(read));
  }

  using ToRead = std::map<std::string, Readiness>;

  ToRead WhatToRead(const DirectoryChanges& changes) {
    ToRead files = changes.files;
    const bool everything = changes.everything || !in_sync_;
    if (!everything && !changes.links) return files;
    const auto names = ListManifests(directory_);
    if (!names.ok()) {
      trouble_ = names.error().message() + "; what it said last stays in force";
      return {};
    }
    trouble_.clear();
    std::set<std::string> present_or_known(names->begin(), names->end());
    present_or_known.merge(KnownFiles());
    for (const std::string& name : present_or_known) {
      if (everything || IsLinkOrGone({directory_, name})) {
        files[name] = Readiness::kComplete;
      }
    }
    return files;
  }

  std::set<std::string> KnownFiles() const {
    const auto known = set_.Files();
    return {known.begin(), known.end()};
  }

  std::vector<FileChange> Read(const ToRead& files) {
    std::vector<FileChange> changes;
    for (const auto& [name, readiness] : files) {
      // Only for a file that could not be read are new permissions news.
      if (readiness == Readiness::kTouched && !unreadable_.contains(name)) continue;
      auto change = ReadManifest(
          {directory_, name}, readiness == Readiness::kTouched ? Readiness::kComplete : readiness);
      if (!change) continue;
      if (std::holds_alternative<FileUnreadable>(change->state)) {
        unreadable_.insert(name);
      } else {
        unreadable_.erase(name);
      }
      changes.push_back(*std::move(change));
    }
    return changes;
  }

  void Deliver(std::vector<store::StoreEvent> events) {
    if (!in_sync_) {
      in_sync_ = true;
      listener_->OnObjects(set_.Snapshot());
    } else if (!events.empty()) {
      listener_->OnObjects(std::move(events));
    }
    auto complaints = set_.Complaints();
    if (!trouble_.empty()) {
      complaints.insert(complaints.begin(), {Complaint::Severity::kError, directory_, 0, trouble_});
    }
    if (listener_ == nullptr || complaints == complaints_) return;
    complaints_ = std::move(complaints);
    listener_->OnComplaints(complaints_);
  }

  boost::asio::io_context& io_;
  std::string directory_;
  ManifestSource::Listener* listener_;
  std::shared_ptr<DirectoryWatch> watch_;
  ManifestSet set_;
  std::set<std::string> unreadable_;
  std::string trouble_;  // with the directory as a whole
  std::vector<Complaint> complaints_;
  bool in_sync_ = false;
};

}  // namespace

class ManifestSource::Impl {
 public:
  explicit Impl(std::shared_ptr<Follower> follower) : follower_(std::move(follower)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { follower_->Stop(); }

  Status Start() { return follower_->Start(); }

 private:
  std::shared_ptr<Follower> follower_;
};

ManifestSource::ManifestSource(boost::asio::io_context& io, std::string directory,
                               Listener& listener)
    : impl_(
          std::make_unique<Impl>(std::make_shared<Follower>(io, std::move(directory), listener))) {}

ManifestSource::~ManifestSource() = default;

Status ManifestSource::Start() { return impl_->Start(); }

}  // namespace sluice::manifests
