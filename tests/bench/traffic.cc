// sluice-bench-traffic: what runs inside the pods of `datapath`. Prints one figure.
//   serve PORT                             TCP sink and responder, UDP echo, until killed
//   stream ADDRESS PORT SECONDS            Mbit/s
//   connections ADDRESS PORT SECONDS       connect, request, answer, close: how many a second
//   latency ADDRESS PORT COUNT             median of UDP round trips, us
//   sources ADDRESS PORT COUNT             a packet from each of so many sources, 198.18.0.1 on
#include <arpa/inet.h>
#include <glog/logging.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kClients = 16;
constexpr char kStream = 'S';   // the rest of the connection is to be swallowed
constexpr char kRequest = 'R';  // one answer, then the server closes
constexpr size_t kRequestSize = 64;

sockaddr_in AddressOf(const char* address, const char* port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  CHECK_EQ(inet_pton(AF_INET, address, &to.sin_addr), 1) << address;
  return to;
}

int Socket(int type) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  PCHECK(fd >= 0);
  return fd;
}

int Connected(const sockaddr_in& to, int type) {
  const int fd = Socket(type);
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  PCHECK(connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  return fd;
}

void Answer(int client) {
  static thread_local std::array<char, 256 * 1024> buffer;
  ssize_t got = read(client, buffer.data(), buffer.size());
  if (got > 0 && buffer[0] == kRequest) {
    (void)!write(client, buffer.data(), kRequestSize);
  } else {
    while (got > 0) got = read(client, buffer.data(), buffer.size());
  }
  close(client);
}

void Echo(int fd) {
  std::array<char, 2048> packet;
  while (true) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got =
        recvfrom(fd, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) continue;
    sendto(fd, packet.data(), static_cast<size_t>(got), 0, reinterpret_cast<sockaddr*>(&from),
           size);
  }
}

void Serve(const char* port) {
  const sockaddr_in any = AddressOf("0.0.0.0", port);
  const int tcp = Socket(SOCK_STREAM);
  const int udp = Socket(SOCK_DGRAM);
  const int yes = 1;
  setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  PCHECK(bind(tcp, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
  PCHECK(bind(udp, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
  PCHECK(listen(tcp, 1024) == 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients + 1; ++i) {
    threads.emplace_back([tcp] {
      while (true) Answer(accept(tcp, nullptr, nullptr));
    });
  }
  std::puts("ready");
  std::fflush(stdout);
  Echo(udp);
}

double Stream(const sockaddr_in& to, double seconds) {
  const int fd = Connected(to, SOCK_STREAM);
  const std::string block(128 * 1024, kStream);
  const Clock::time_point start = Clock::now();
  std::chrono::duration<double> passed{};
  double bytes = 0;
  while ((passed = Clock::now() - start).count() < seconds) {
    const ssize_t sent = send(fd, block.data(), block.size(), MSG_NOSIGNAL);
    PCHECK(sent > 0);
    bytes += static_cast<double>(sent);
  }
  close(fd);
  return 8e-6 * bytes / passed.count();
}

double Connections(const sockaddr_in& to, double seconds) {
  std::atomic<int> done = 0;
  std::vector<std::thread> clients;
  const Clock::time_point end =
      Clock::now() + std::chrono::milliseconds(static_cast<int>(1e3 * seconds));
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      std::array<char, kRequestSize> text;
      text.fill(kRequest);
      while (Clock::now() < end) {
        const int fd = Connected(to, SOCK_STREAM);
        PCHECK(write(fd, text.data(), text.size()) > 0);
        const ssize_t got = read(fd, text.data(), text.size());
        if (got > 0) ++done;
        close(fd);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  return done / seconds;
}

double Latency(const sockaddr_in& to, int count) {
  const int fd = Connected(to, SOCK_DGRAM);
  std::vector<double> microseconds;
  for (int i = 0; i < count; ++i) {
    char byte = 'x';
    const Clock::time_point start = Clock::now();
    PCHECK(send(fd, &byte, 1, 0) == 1);
    if (recv(fd, &byte, 1, 0) != 1) continue;  // lost: a busy machine's queues are short
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  CHECK(!microseconds.empty()) << "every packet was lost";
  const auto middle = microseconds.begin() + static_cast<long>(microseconds.size() / 2);
  std::nth_element(microseconds.begin(), middle, microseconds.end());
  return *middle;
}

// Ours to invent: raw(7), IP_HDRINCL. The kernel fills in length, id and checksum.
void SendFromSources(const sockaddr_in& to, int count) {
  constexpr uint32_t kFirstSource = 0xc6120001;  // 198.18.0.1
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  PCHECK(fd >= 0);
  for (int i = 0; i < count; ++i) {
    struct {
      iphdr ip;
      udphdr udp;
    } packet{};
    packet.ip.version = 4;
    packet.ip.ihl = sizeof packet.ip / 4;
    packet.ip.ttl = 64;
    packet.ip.protocol = IPPROTO_UDP;
    packet.ip.saddr = htonl(kFirstSource + static_cast<uint32_t>(i));
    packet.ip.daddr = to.sin_addr.s_addr;
    packet.udp.source = htons(7);
    packet.udp.dest = to.sin_port;
    packet.udp.len = htons(sizeof packet.udp);
    PCHECK(sendto(fd, &packet, sizeof packet, 0, reinterpret_cast<const sockaddr*>(&to),
                  sizeof to) > 0);
    if (i % 20 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "serve" && argc == 3) {
    Serve(argv[2]);
    return 0;
  }
  if (argc != 5) return 2;
  const sockaddr_in to = AddressOf(argv[2], argv[3]);
  if (verb == "stream") std::printf("%.1f\n", Stream(to, std::atof(argv[4])));
  if (verb == "connections") std::printf("%.1f\n", Connections(to, std::atof(argv[4])));
  if (verb == "latency") std::printf("%.1f\n", Latency(to, std::atoi(argv[4])));
  if (verb == "sources") SendFromSources(to, std::atoi(argv[4]));
  return 0;
}
