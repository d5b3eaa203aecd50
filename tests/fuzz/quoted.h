// Manifests in single quotes, for tests that write them as literals.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "tests/fuzz/history.h"

namespace sluice::fuzz {

// `text` is JSON but for its quotes.
inline boost::json::object Quoted(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return boost::json::parse(text).as_object();
}

// Put of a pod in namespace a; `labels` as above.
inline Put PutPod(const std::string& name, const std::string& labels) {
  return {Quoted("{'kind':'Pod','metadata':{'name':'" + name +
                 "','namespace':'a','labels':" + labels + "}}")};
}

}  // namespace sluice::fuzz
