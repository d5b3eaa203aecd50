// The network configuration list of this node, from a template that is the same on every node.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::cni_conf {

// What one family's pods of this node get their addresses from.
struct AddressRange {
  Cidr subnet;
  IpAddress gateway;

  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

// The template (CNI specification 1.0.0, section 1), where each host-local that names neither
// `ranges` nor `subnet` gets `ranges`, one range set a family. All else stays as it is. Error: the
// template is no configuration list, or the plugin sluice is not in it.
Result<std::string> ConflistText(std::string_view template_text,
                                 const std::vector<AddressRange>& ranges);

}  // namespace sluice::cni_conf
