// One field of a manifest at a time. A null is as if missing.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/objects.h"

namespace sluice::oracle {

// Null if there is none.
const boost::json::object* Object(const boost::json::object& of, const char* name);
// The entries of a list; none if there is no list.
std::vector<const boost::json::object*> Objects(const boost::json::object& of, const char* name);
std::vector<std::string> Texts(const boost::json::object& of, const char* name);
// Absent as well if it is of another type: `port` is a number or a text.
std::optional<std::string> Text(const boost::json::object& of, const char* name);
std::optional<int64_t> Number(const boost::json::object& of, const char* name);
bool IsTrue(const boost::json::object& of, const char* name);
store::Labels Labels(const boost::json::object& of, const char* name);

// Rule 37: "at most 15, [a-z0-9-], at least one letter, no leading/trailing/double dash".
bool IsPortName(const std::string& text);

// Rule 28: leading zeros mean decimal.
std::optional<IpAddress> ReadAddress(const std::string& text);

}  // namespace sluice::oracle
