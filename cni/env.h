// What a runtime says in the environment of a CNI plugin: CNI_COMMAND and friends
// (CNI specification 1.1.0, section 2, "Parameters"). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "ofctl/base/result.h"

namespace sluice::cni {

using Environment = std::map<std::string, std::string, std::less<>>;

enum class Verb : uint8_t { kAdd, kDel, kCheck, kStatus, kGc, kVersion };

// "ADD", as CNI_COMMAND has it.
std::string_view ToString(Verb verb);
// Invalid for anything but ADD, DEL, CHECK, STATUS, GC and VERSION.
Result<Verb> ParseVerb(std::string_view text);

// Which pod the container belongs to: the convention of kubelet, containerd and CRI-O. Empty
// fields were not given.
struct PodArgs {
  std::string ns;
  std::string name;
  std::string uid;

  friend bool operator==(const PodArgs&, const PodArgs&) = default;
};

// What one operation of a network on a container is told apart by ("attachment", section 3).
struct AttachmentKey {
  std::string container_id;
  std::string ifname;

  friend auto operator<=>(const AttachmentKey&, const AttachmentKey&) = default;
};

// STATUS, GC and VERSION are about no container: they have the verb and the path alone.
struct Env {
  Verb verb = Verb::kVersion;
  std::string container_id;
  std::string netns;  // may be empty for DEL: the namespace is gone
  std::string ifname;
  std::string path;  // directories with plugins, separated by ':'
  PodArgs pod;
};

// Invalid, naming every variable that the verb requires and that is missing, or the one that is
// malformed. Of those that the verb does not use, none is read.
Result<Env> ParseEnv(const Environment& environment);

// CNI_ARGS: "K8S_POD_NAMESPACE=a;K8S_POD_NAME=b". A key that Sluice does not know is an error,
// unless IgnoreUnknown=1 is among them.
Result<PodArgs> ParseArgs(std::string_view args);

// An alphanumeric character, then alphanumeric characters, '_', '.' or '-'.
Status CheckContainerId(std::string_view id);
// What the kernel accepts (dev_valid_name): fewer than 16 bytes, no '/', ':' or white space, and
// neither "." nor "..".
Status CheckIfname(std::string_view ifname);

// `text` in quotes, fit for an error message: at most 100 characters, printable ASCII.
std::string Quoted(std::string_view text);

}  // namespace sluice::cni
