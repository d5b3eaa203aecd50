#include "agent/netlink/rules.h"

#include <glog/logging.h>
#include <linux/fib_rules.h>
#include <netlink/route/rule.h>

#include <string_view>

namespace sluice::netlink {
namespace {

using NlRule = std::unique_ptr<rtnl_rule, Free<rtnl_rule_put>>;

constexpr char kLoopback[] = "lo";

NlRule Build(const LocalOriginRule& rule) {
  NlRule built(rtnl_rule_alloc());
  CHECK(built != nullptr) << "out of memory";
  rtnl_rule_set_family(built.get(), AddressFamily(rule.destination.family()));
  rtnl_rule_set_prio(built.get(), rule.preference);
  rtnl_rule_set_table(built.get(), rule.table.value);
  rtnl_rule_set_action(built.get(), FR_ACT_TO_TBL);
  return built;
}

bool IsLocalOrigin(rtnl_rule* rule) {
  const char* iif = rtnl_rule_get_iif(rule);
  return iif != nullptr && std::string_view(iif) == kLoopback &&
         rtnl_rule_get_oif(rule) == nullptr && rtnl_rule_get_src(rule) == nullptr &&
         rtnl_rule_get_mark(rule) == 0 && rtnl_rule_get_dsfield(rule) == 0 &&
         rtnl_rule_get_action(rule) == FR_ACT_TO_TBL;
}

}  // namespace

Result<std::vector<FoundRule>> RulesFor(const RtnlSocket& rtnl, const RouteQuery& query) {
  SLUICE_ASSIGN_OR_RETURN(
      const auto dump, NlDump<rtnl_rule>::Of("list routing rules", [&](nl_cache** all) {
        return rtnl_rule_alloc_cache(rtnl.get(), AddressFamily(query.family), all);
      }));
  std::vector<FoundRule> rules;
  for (rtnl_rule* entry : dump) {
    if (rtnl_rule_get_family(entry) != AddressFamily(query.family)) continue;
    if (rtnl_rule_get_table(entry) != query.table.value) continue;
    rules.push_back(
        {.is_local_origin = IsLocalOrigin(entry),
         .rule = {.preference = rtnl_rule_get_prio(entry),
                  .destination = PrefixFromNlAddr(rtnl_rule_get_dst(entry), query.family),
                  .table = query.table}});
  }
  return rules;
}

Status AddRule(const RtnlSocket& rtnl, const LocalOriginRule& rule) {
  const NlRule built = Build(rule);
  CHECK_EQ(rtnl_rule_set_iif(built.get(), kLoopback), 0);
  CHECK_EQ(rtnl_rule_set_dst(built.get(), ToNlAddr(rule.destination).get()), 0);
  return NlStatus(rtnl_rule_add(rtnl.get(), built.get(), NLM_F_CREATE | NLM_F_EXCL),
                  "add routing rule to " + rule.destination.ToString());
}

Status DeleteRule(const RtnlSocket& rtnl, const LocalOriginRule& rule) {
  return NlStatus(rtnl_rule_delete(rtnl.get(), Build(rule).get(), 0),
                  "delete routing rule to " + rule.destination.ToString());
}

}  // namespace sluice::netlink
