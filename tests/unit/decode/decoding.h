// Objects for decoder tests, written with ' for " so that they read well in C++.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <string>
#include <variant>

#include "agent/decode/object_decoder.h"

namespace sluice::decode {

inline rapidjson::Document Json(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  rapidjson::Document json;
  json.Parse(text.c_str());
  EXPECT_FALSE(json.HasParseError()) << text;
  return json;
}

// "<field>: <message>", or "accepted".
inline std::string Refusal(const std::string& text, Validation validation = Validation::kCreate) {
  const DecodeResult result = DecodeObject(Json(text), validation);
  const auto* error = std::get_if<DecodeError>(&result);
  return error == nullptr ? "accepted" : error->field + ": " + error->message;
}

template <typename T>
T Decoded(const std::string& text, Validation validation = Validation::kCreate) {
  const DecodeResult result = DecodeObject(Json(text), validation);
  if (const auto* error = std::get_if<DecodeError>(&result)) {
    ADD_FAILURE() << error->ToString();
    return {};
  }
  const auto& decoded = std::get<DecodedObject>(result);
  if (!decoded.object || !std::holds_alternative<T>(*decoded.object)) {
    ADD_FAILURE() << "not the kind that was wanted: " << decoded.kind;
    return {};
  }
  return std::get<T>(*decoded.object);
}

inline std::string PolicyWith(const std::string& spec) {
  return "{'apiVersion':'networking.k8s.io/v1','kind':'NetworkPolicy',"
         "'metadata':{'name':'p','namespace':'x'},'spec':" +
         spec + "}";
}
// A policy with one ingress rule, one peer, one port.
inline std::string PolicyWithRule(const std::string& rule) {
  return PolicyWith("{'ingress':[" + rule + "]}");
}
inline std::string PolicyWithPeer(const std::string& peer) {
  return PolicyWithRule("{'from':[" + peer + "]}");
}
inline std::string PolicyWithPort(const std::string& port) {
  return PolicyWithRule("{'ports':[" + port + "]}");
}
inline std::string PolicyWithSelector(const std::string& selector) {
  return PolicyWith("{'podSelector':" + selector + "}");
}

}  // namespace sluice::decode
