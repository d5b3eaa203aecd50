// RtnlSocket: a NETLINK_ROUTE socket (rtnetlink(7)), and what reading libnl's objects takes. A
// socket belongs to the network namespace it was opened in for ever, whatever thread uses it.
#pragma once

#include <netlink/addr.h>
#include <netlink/cache.h>
#include <netlink/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::netlink {

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};

using NlAddr = std::unique_ptr<nl_addr, Free<nl_addr_put>>;
using NlCache = std::unique_ptr<nl_cache, Free<nl_cache_free>>;

class RtnlSocket {
 public:
  // In the network namespace of the calling thread.
  static Result<RtnlSocket> Open();

  nl_sock* get() const { return socket_.get(); }

 private:
  explicit RtnlSocket(nl_sock* socket) : socket_(socket) {}

  std::unique_ptr<nl_sock, Free<nl_socket_free>> socket_;
};

// What a call of libnl returned, as a Status: NotFound for an object that is not there, Refused for
// all else. `what` is what was attempted on what.
Status NlStatus(int returned, const std::string& what);

// What the kernel lists when it is asked, as libnl's objects: for (rtnl_addr* entry : dump).
template <typename Entry>
class NlDump {
 public:
  // `ask` is one of libnl's ..._alloc_cache: what it returns for an nl_cache**.
  template <typename Ask>
  static Result<NlDump> Of(const std::string& what, Ask ask) {
    nl_cache* all = nullptr;
    SLUICE_RETURN_IF_ERROR(NlStatus(ask(&all), what));
    return NlDump(all);
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  explicit NlDump(nl_cache* all) : cache_(all) {
    for (nl_object* o = nl_cache_get_first(all); o != nullptr; o = nl_cache_get_next(o)) {
      entries_.push_back(reinterpret_cast<Entry*>(o));
    }
  }

  NlCache cache_;
  std::vector<Entry*> entries_;  // in cache_
};

int AddressFamily(IpFamily family);  // AF_INET, AF_INET6

NlAddr ToNlAddr(const Cidr& prefix);
// With its own prefix length, which Cidr would take as a reason to clear host bits.
NlAddr ToNlAddr(const IpAddress& address, uint8_t prefix_length);
NlAddr ToNlAddr(const MacAddress& mac);
// Absent if it is null or of another family.
std::optional<IpAddress> FromNlAddr(nl_addr* address);
// A prefix of length 0 comes from the kernel as nothing at all.
Cidr PrefixFromNlAddr(nl_addr* address, IpFamily family);
std::optional<MacAddress> MacFromNlAddr(nl_addr* address);

}  // namespace sluice::netlink
