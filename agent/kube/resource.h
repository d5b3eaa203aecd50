// The resources of the API that Sluice follows.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "agent/store/objects.h"

namespace sluice::kube {

enum class Resource : uint8_t { kNamespaces, kPods, kNetworkPolicies, kNodes };

constexpr std::array<Resource, 4> kResources = {Resource::kNamespaces, Resource::kPods,
                                                Resource::kNetworkPolicies, Resource::kNodes};
// What verdicts depend on: one without the others would allow what is not allowed.
constexpr std::array<Resource, 3> kPolicyResources = {Resource::kNamespaces, Resource::kPods,
                                                      Resource::kNetworkPolicies};

std::string_view NameOf(Resource resource);  // "networkpolicies"
std::string_view PathOf(Resource resource);  // "/apis/networking.k8s.io/v1/networkpolicies"
store::ObjectKind KindOf(Resource resource);

}  // namespace sluice::kube
