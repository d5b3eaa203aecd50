// Routing rules (ip-rule(8)) for what the node itself originates.
#pragma once

#include <vector>

#include "agent/netlink/routes.h"

namespace sluice::netlink {

// "pref P: from all to D iif lo lookup T": of packets without an incoming device the kernel says
// that they come in by lo.
struct LocalOriginRule {
  uint32_t preference = 0;
  Cidr destination;
  TableId table;

  friend bool operator==(const LocalOriginRule&, const LocalOriginRule&) = default;
};

// All rules of the family that look up `table`, whatever else they match.
struct FoundRule {
  bool is_local_origin = false;  // `rule` is all there is to it
  LocalOriginRule rule;
};
Result<std::vector<FoundRule>> RulesFor(const RtnlSocket& rtnl, const RouteQuery& query);
Status AddRule(const RtnlSocket& rtnl, const LocalOriginRule& rule);
// Deletes one rule of that preference that looks up that table.
Status DeleteRule(const RtnlSocket& rtnl, const LocalOriginRule& rule);

}  // namespace sluice::netlink
