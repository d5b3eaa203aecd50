#include "agent/explain/question.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sluice::explain {
namespace {

using store::Protocol;

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.';
  });
}

Result<Protocol> ParseProtocol(std::string_view text) {
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const Protocol protocol : {Protocol::kTcp, Protocol::kUdp, Protocol::kSctp}) {
    if (name == store::ToString(protocol)) return protocol;
  }
  return Invalid("protocol \"" + std::string(text) + "\" is not tcp, udp or sctp");
}

Result<std::variant<uint16_t, std::string>> ParsePort(std::string_view text) {
  using Port = std::variant<uint16_t, std::string>;
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isdigit(c) != 0;
  });
  if (!digits) {
    if (!IsName(text)) return Invalid("\"" + std::string(text) + "\" is neither a port nor a name");
    return Port(std::string(text));
  }
  uint16_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || number == 0) {
    return Invalid("port " + std::string(text) + " is not in 1..65535");
  }
  return Port(number);
}

// Where the ':' before the port is; npos if there is none.
size_t PortColon(std::string_view target) {
  if (!target.starts_with('[')) return target.rfind(':');
  const size_t bracket = target.find(']');
  const bool followed = bracket != std::string_view::npos && bracket + 1 < target.size() &&
                        target[bracket + 1] == ':';
  return followed ? bracket + 1 : std::string_view::npos;
}

}  // namespace

std::string ToString(const Party& party) {
  if (const auto* pod = std::get_if<store::ObjectKey>(&party)) return pod->ToString();
  if (const auto* address = std::get_if<IpAddress>(&party)) return address->ToString();
  return "node";
}

Result<Party> ParseParty(std::string_view text) {
  if (text == "node") return Party(NodeItself{});
  std::string_view bare = text;
  if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
  if (const auto address = ParseIp(bare); address.ok()) return Party(*address);
  const size_t slash = text.find('/');
  const std::string_view ns = slash == std::string_view::npos ? "default" : text.substr(0, slash);
  const std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  if (!IsName(ns) || !IsName(name)) {
    return Invalid("\"" + std::string(text) +
                   "\" is neither a pod (NAMESPACE/NAME), nor an address, nor node");
  }
  return Party(store::ObjectKey{std::string(ns), std::string(name)});
}

Result<Question> ParseQuestion(const QuestionText& text) {
  Question question;
  SLUICE_ASSIGN_OR_RETURN(question.source, ParseParty(text.source));
  const std::string_view target = text.target;
  const size_t colon = PortColon(target);
  if (colon == std::string_view::npos) {
    return Invalid("\"" + text.target + "\" has no port: B:PORT[/tcp|udp|sctp]");
  }
  const std::string_view party = target.substr(0, colon);
  if (!party.starts_with('[') && party.find(':') != std::string_view::npos) {
    return Invalid("\"" + text.target + "\": write an IPv6 address in brackets, [ADDRESS]:PORT");
  }
  SLUICE_ASSIGN_OR_RETURN(question.destination, ParseParty(party));
  std::string_view port = target.substr(colon + 1);
  if (const size_t slash = port.find('/'); slash != std::string_view::npos) {
    SLUICE_ASSIGN_OR_RETURN(question.protocol, ParseProtocol(port.substr(slash + 1)));
    port = port.substr(0, slash);
  }
  SLUICE_ASSIGN_OR_RETURN(question.port, ParsePort(port));
  return question;
}

}  // namespace sluice::explain
