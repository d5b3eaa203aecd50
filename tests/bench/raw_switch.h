// RawSwitch: a blocking OpenFlow connection that neither encodes nor decodes: what the switch
// itself takes, and so the floor of everything that talks to one.
#pragma once

#include <string>

#include "ofctl/bundle.h"
#include "ofctl/framer.h"

namespace sluice::bench {

// A bundle as the bytes of its stream, OPEN to CLOSE; and its COMMIT.
struct EncodedBundle {
  ofctl::BundleId bundle;
  ofctl::Message stream;
  ofctl::Message commit;
};
EncodedBundle Encoded(const ofctl::FlowMap& flows);

class RawSwitch {
 public:
  // Somebody accepts connections there.
  static bool Listens(const std::string& socket_path);

  // Connects and says hello; CHECKs, as everything here.
  explicit RawSwitch(const std::string& socket_path);
  ~RawSwitch();
  RawSwitch(const RawSwitch&) = delete;
  RawSwitch& operator=(const RawSwitch&) = delete;

  // Sends all, and waits for the answers to CLOSE and COMMIT.
  void Install(const EncodedBundle& bundle);
  // Reads every flow's bytes, and looks at the headers only; how many bytes there were.
  size_t Dump();

 private:
  void Send(const ofctl::Message& bytes);
  ofctl::Message Next();
  void Await(ofctl::BundleStep step);

  int fd_;
  ofctl::Framer framer_;
};

}  // namespace sluice::bench
