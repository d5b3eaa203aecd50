// Generator: an endless history of one small, crowded cluster, and connections worth asking about.
// The same for the same seed.
#pragma once

#include <map>

#include "tests/fuzz/history.h"
#include "tests/fuzz/world.h"
#include "tests/oracle/oracle.h"

namespace sluice::fuzz {

class Generator {
 public:
  struct Spec {
    uint64_t seed = 0;
    Features features;
  };
  explicit Generator(const Spec& spec)
      : dice_(spec.seed), world_(MakeWorld(spec.features, dice_)) {}

  // Makes something come, change or go.
  Event Next();
  const World& world() const { return world_; }

  // Connections between addresses that somebody in `cluster` has, that a block begins or ends with,
  // or that nobody has; to ports that somebody named, or right beside them.
  std::vector<oracle::Connection> Connections(const oracle::Cluster& cluster, size_t count);

 private:
  Event NamespaceEvent();
  Event PodEvent();
  Event PolicyEvent();
  Event EndpointEvent();
  Event Remember(Event event);
  store::ObjectKey SomePodKey();
  const boost::json::object* Known(store::ObjectKind kind, const store::ObjectKey& key) const;

  Dice dice_;
  World world_;
  std::map<ManifestId, boost::json::object> known_;
};

}  // namespace sluice::fuzz
