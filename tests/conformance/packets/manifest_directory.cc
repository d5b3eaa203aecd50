#include "tests/conformance/packets/manifest_directory.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/conformance/packets/manifest_text.h"

namespace sluice::conformance {
namespace {

constexpr char kFenceNamespace[] = "conformance-fence";
constexpr char kFenceFile[] = "fence.json";

std::string FileName(store::ObjectKind kind, const store::ObjectKey& key) {
  return std::string(store::ToString(kind)) + "_" + key.ns + "_" + key.name + ".json";
}

// As an editor does it: a new file, renamed over the old one.
Status WriteFile(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new~";
  std::ofstream(fresh) << text;
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return Unavailable("cannot write " + path);
  return Ok();
}

// Events that lead from one map of objects to another.
template <typename Map, typename Event>
void Differences(const Map& before, const Map& after, const Event& event) {
  for (const auto& [key, object] : before) {
    if (!after.contains(key)) event(DeleteEvent(store::KindOf(object), store::KeyOf(object)));
  }
  for (const auto& [key, object] : after) {
    const auto found = before.find(key);
    if (found == before.end() || found->second != object) event(PutEvent(object));
  }
}

// Nobody's address in a namespace that nobody knows: no policy is about it.
std::string FenceText(const std::string& name, uint16_t number) {
  return R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": ")" +
         std::string(kFenceNamespace) + R"(", "name": ")" + name +
         R"("}, "spec": {"containers": [{"name": "main"}]}, "status": {"phase": "Running", "podIP": "127.1.)" +
         std::to_string(number >> 8) + "." + std::to_string(number & 0xff) + R"("}})";
}

}  // namespace

Result<std::string> ManifestDirectory::Write(const ClusterState& state) {
  std::vector<store::StoreEvent> events;
  const auto add = [&](store::StoreEvent event) { events.push_back(std::move(event)); };
  Differences(state_.policies, state.policies, add);
  Differences(state_.pods, state.pods, add);
  Differences(state_.namespaces, state.namespaces, add);
  for (const store::StoreEvent& event : events) SLUICE_RETURN_IF_ERROR(Change(event));
  const std::string name = "fence-" + std::to_string(++fences_);
  SLUICE_RETURN_IF_ERROR(WriteFile(path_ + "/" + kFenceFile, FenceText(name, fences_)));
  return std::string(kFenceNamespace) + "/" + name;
}

Status ManifestDirectory::Change(const store::StoreEvent& event) {
  const std::string path = path_ + "/" + FileName(event.kind, event.key);
  state_.Apply(event);
  if (event.object) return WriteFile(path, ManifestText(*event.object) + "\n");
  std::error_code failed;
  std::filesystem::remove(path, failed);
  return failed ? Unavailable("cannot remove " + path + ": " + failed.message()) : Ok();
}

}  // namespace sluice::conformance
