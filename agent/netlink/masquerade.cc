#include "agent/netlink/masquerade.h"

#include <algorithm>

namespace sluice::netlink {
namespace {

constexpr char kTable[] = "inet sluice-masquerade";

// Afterwards there is no such table (nft(8) has no "delete if exists" before 1.0.7).
std::string RemoveCommands() {
  return std::string("add table ") + kTable + "\ndelete table " + kTable + "\n";
}

// Of one family, none within another: the elements of a set must not overlap.
std::vector<Cidr> Outermost(std::vector<Cidr> prefixes, IpFamily family) {
  std::ranges::sort(prefixes);
  std::vector<Cidr> outermost;
  for (const Cidr& prefix : prefixes) {
    if (prefix.family() != family) continue;
    if (!outermost.empty() && outermost.back().Contains(prefix)) continue;
    outermost.push_back(prefix);
  }
  return outermost;
}

std::string Join(const std::vector<Cidr>& prefixes) {
  std::string text;
  for (const Cidr& prefix : prefixes) text += (text.empty() ? "" : ", ") + prefix.ToString();
  return text;
}

struct FamilyWords {
  IpFamily family;
  const char* header;
  const char* type;
  const char* set;
};

std::string SetText(const FamilyWords& words, const std::vector<Cidr>& except) {
  const auto elements = Outermost(except, words.family);
  return std::string("  set ") + words.set + " { type " + words.type + "; flags interval; " +
         (elements.empty() ? "" : "elements = { " + Join(elements) + " }; ") + "}\n";
}

// Random ports: two pods that use the same port do not race for the node's (as kube-proxy does).
std::string RuleText(const FamilyWords& words, const Cidr& pods) {
  const std::string header = words.header;
  return "    " + header + " saddr " + pods.ToString() + " " + header + " daddr != @" + words.set +
         " masquerade fully-random\n";
}

std::string InstallCommands(const MasqueradeSpec& spec) {
  constexpr FamilyWords kIPv4{IpFamily::kIPv4, "ip", "ipv4_addr", "except4"};
  constexpr FamilyWords kIPv6{IpFamily::kIPv6, "ip6", "ipv6_addr", "except6"};
  std::string text = RemoveCommands() + "table " + kTable + " {\n" + SetText(kIPv4, spec.except) +
                     SetText(kIPv6, spec.except) +
                     "  chain postrouting {\n"
                     "    type nat hook postrouting priority srcnat; policy accept;\n";
  for (const Cidr& pods : spec.pods) {
    text += RuleText(pods.family() == IpFamily::kIPv4 ? kIPv4 : kIPv6, pods);
  }
  return text + "  }\n}\n";
}

}  // namespace

Status Masquerade::Install(const MasqueradeSpec& spec) {
  const auto done = nft_.Run(InstallCommands(spec));
  return done.ok() ? Ok() : Status(done.error().Context("masquerading"));
}

Status Masquerade::Remove() {
  const auto done = nft_.Run(RemoveCommands());
  return done.ok() ? Ok() : Status(done.error().Context("removing the masquerading"));
}

}  // namespace sluice::netlink
