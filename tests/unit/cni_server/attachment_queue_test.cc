#include "agent/cni_server/attachment_queue.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace sluice::cni_server {
namespace {

const store::AttachmentId kOne{"c1", "eth0"};
const store::AttachmentId kOther{"c1", "eth1"};

class AttachmentQueueTest : public testing::Test {
 protected:
  void Run(const store::AttachmentId& id, const std::string& name) {
    queue_->Run(id, [this, name](AttachmentQueue::JobOver over) {
      started_.push_back(name);
      running_[name] = std::move(over);
    });
  }
  void Finish(const std::string& name) { running_.extract(name).mapped()(); }

  std::optional<AttachmentQueue> queue_{std::in_place};
  std::vector<std::string> started_;
  std::map<std::string, AttachmentQueue::JobOver> running_;
};

TEST_F(AttachmentQueueTest, RunsTheJobsOfOneAttachmentOneAfterTheOther) {
  Run(kOne, "add");
  Run(kOne, "del");
  Run(kOne, "add again");
  EXPECT_EQ(started_, std::vector<std::string>{"add"});
  Finish("add");
  EXPECT_EQ(started_, (std::vector<std::string>{"add", "del"}));
  Finish("del");
  Finish("add again");
  EXPECT_EQ(queue_->attachments(), 0u);
}

TEST_F(AttachmentQueueTest, RunsDifferentAttachmentsSideBySide) {
  Run(kOne, "one");
  Run(kOther, "other");
  EXPECT_EQ(started_, (std::vector<std::string>{"one", "other"}));
  Finish("other");
  EXPECT_EQ(queue_->attachments(), 1u);
}

TEST_F(AttachmentQueueTest, LetsAJobEndAfterTheQueueIsGone) {
  Run(kOne, "add");
  Run(kOne, "del");
  queue_.reset();
  Finish("add");
  EXPECT_EQ(started_, std::vector<std::string>{"add"});
}

}  // namespace
}  // namespace sluice::cni_server
