// How a manifest is read: what is not written has a default (rules 10 to 14, 18), and what should
// not be written but may lie in an old cluster allows nothing (rules 28, 37, 57, 58, 61).
#pragma once

#include <boost/json/object.hpp>

#include "agent/store/objects.h"

namespace sluice::oracle {

// Each takes a whole object: apiVersion, kind, metadata and so on. Made for objects that somebody
// could have written; a JSON type that no Kubernetes object has at its place throws.
store::Namespace ReadNamespace(const boost::json::object& manifest);
store::Pod ReadPod(const boost::json::object& manifest);
store::NetworkPolicy ReadNetworkPolicy(const boost::json::object& manifest);

// "10.0.0.0/8" and whatever else rule 28 lets stand; absent if it cannot be understood.
std::optional<Cidr> ReadPrefix(const std::string& text);

}  // namespace sluice::oracle
