// Network namespaces of these tests. They have no names: nothing can collide or be left behind.
#pragma once

#include <optional>
#include <string>

#include "agent/netlink/netns.h"

namespace sluice::netlink {

// Moves the calling thread into a network namespace of its own (needs root): what a test does to
// "the host" happens there.
void EnterFreshHost();

class TestNamespace {
 public:
  TestNamespace();

  // To be opened by this process and its children.
  std::string path() const;
  // The kernel takes it down some time after this.
  void Destroy() { fd_.reset(); }
  // Standard output and error of a shell command run inside.
  std::string Run(const std::string& command) const;

 private:
  std::optional<FileDescriptor> fd_;
};

// In the namespace of the calling thread.
std::string RunOnHost(const std::string& command);

}  // namespace sluice::netlink
