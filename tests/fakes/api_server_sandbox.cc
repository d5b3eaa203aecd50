#include "tests/fakes/api_server_sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glog/logging.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace sluice::fakes {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds kStartDeadline{60};
constexpr std::chrono::milliseconds kPoll{50};

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string FileText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A child that the kernel kills when this thread ends, so that nothing outlives a crashed test.
pid_t Spawn(std::vector<std::string> command, const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  PCHECK(child >= 0) << "fork for " << command[0];
  if (child != 0) return child;
  // Only async-signal-safe calls from here on.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(127);
  execv(arguments[0], arguments.data());
  _exit(127);
}

void KillAndReap(pid_t& pid) {
  if (pid < 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

int Shell(const std::string& command) { return std::system(command.c_str()); }

std::string Output(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "re");
  PCHECK(pipe != nullptr) << command;
  std::string output;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) output += static_cast<char>(c);
  pclose(pipe);
  return output;
}

}  // namespace

uint16_t ApiServerSandbox::FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  PCHECK(bind(fd, raw, size) == 0 && getsockname(fd, raw, &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

std::string ApiServerSandbox::Binaries() {
  const char* cache = std::getenv("CLUSTER_CACHE");
  const char* home = std::getenv("HOME");
  const std::string folder =
      (cache != nullptr ? std::string(cache)
                        : std::string(home != nullptr ? home : "") + "/.cache/kube-cluster") +
      "/bin";
  for (const char* name : {"etcd", "kube-apiserver", "kubectl"}) {
    if (!fs::exists(folder + "/" + name)) return "";
  }
  return folder;
}

ApiServerSandbox::ApiServerSandbox(std::vector<std::string> flags)
    : flags_(std::move(flags)), etcd_port_(FreePort()), port_(FreePort()) {
  std::string name = fs::temp_directory_path() / "apiserver-XXXXXX";
  PCHECK(mkdtemp(name.data()) != nullptr);
  directory_ = name;
  const TestAuthority authority;
  const PemPair server = authority.Issue("kube-apiserver", "IP:127.0.0.1");
  Write(ca_file(), authority.pem());
  Write(directory_ + "/server.crt", server.certificate);
  Write(directory_ + "/server.key", server.key);
  Write(directory_ + "/tokens.csv", token_ + ",admin,1,system:masters\n");
  const std::string etcd = "http://127.0.0.1:" + std::to_string(etcd_port_);
  const std::string peer = "http://127.0.0.1:" + std::to_string(FreePort());
  etcd_ = Spawn({Binaries() + "/etcd", "--data-dir=" + directory_ + "/etcd", "--unsafe-no-fsync",
                 "--log-level=warn", "--listen-client-urls=" + etcd,
                 "--advertise-client-urls=" + etcd, "--listen-peer-urls=" + peer,
                 "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer},
                directory_ + "/etcd.log");
  Start();
}

ApiServerSandbox::~ApiServerSandbox() {
  KillAndReap(server_);
  KillAndReap(etcd_);
  fs::remove_all(directory_);
}

void ApiServerSandbox::Start() {
  std::vector<std::string> command = {
      Binaries() + "/kube-apiserver",
      "--etcd-servers=http://127.0.0.1:" + std::to_string(etcd_port_),
      "--bind-address=127.0.0.1",
      "--secure-port=" + std::to_string(port_),
      "--advertise-address=192.0.2.1",  // of documentation: a loopback address is refused
      "--endpoint-reconciler-type=none",
      "--service-cluster-ip-range=10.96.0.0/16",
      "--tls-cert-file=" + directory_ + "/server.crt",
      "--tls-private-key-file=" + directory_ + "/server.key",
      "--token-auth-file=" + directory_ + "/tokens.csv",
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-account-key-file=" + directory_ + "/server.crt",
      "--service-account-signing-key-file=" + directory_ + "/server.key",
      "--authorization-mode=RBAC",
      "--disable-admission-plugins=ServiceAccount"};  // there is nobody to make the accounts
  command.insert(command.end(), flags_.begin(), flags_.end());
  server_ = Spawn(command, directory_ + "/apiserver.log");
  const auto deadline = std::chrono::steady_clock::now() + kStartDeadline;
  const std::string ready = Client() + " get --raw=/readyz >/dev/null 2>&1";
  while (Shell(ready) != 0) {
    CHECK(waitpid(server_, nullptr, WNOHANG) == 0 && std::chrono::steady_clock::now() < deadline)
        << "kube-apiserver does not start:\n"
        << FileText(directory_ + "/apiserver.log");
    std::this_thread::sleep_for(kPoll);
  }
}

std::string ApiServerSandbox::Get(const std::string& target) const {
  return Output(Client() + " get --raw='" + target + "' 2>&1");
}

void ApiServerSandbox::SetToken(const std::string& token) {
  token_ = token;
  Write(directory_ + "/tokens.csv", token_ + ",admin,1,system:masters\n");
}

// By etcd's gateway from JSON (api/etcdserverpb/rpc.proto, with its HTTP annotations).
void ApiServerSandbox::Compact() const {
  const std::string post = Binaries() +
                           "/kubectl --server=http://127.0.0.1:" + std::to_string(etcd_port_) +
                           " create --raw=/v3/";
  const std::string file = directory_ + "/request.json";
  Write(file, "{}");
  const std::string status = Output(post + "maintenance/status -f " + file);
  const std::string field = "\"revision\":\"";
  const size_t at = status.find(field);
  CHECK(at != std::string::npos) << status;
  const uint64_t revision = std::stoull(status.substr(at + field.size()));
  Write(file, "{\"revision\":\"" + std::to_string(revision) + "\",\"physical\":true}");
  const std::string done = Output(post + "kv/compaction -f " + file);
  CHECK(done.find("\"revision\"") != std::string::npos) << done;
}

void ApiServerSandbox::Kill() { KillAndReap(server_); }

std::string ApiServerSandbox::Client() const {
  return Binaries() + "/kubectl --server=https://127.0.0.1:" + std::to_string(port_) +
         " --token=" + token_ + " --certificate-authority=" + ca_file();
}

void ApiServerSandbox::Kubectl(const std::string& arguments) const {
  const std::string command = Client() + " " + arguments + " >/dev/null";
  CHECK_EQ(Shell(command), 0) << command;
}

void ApiServerSandbox::Apply(const std::string& yaml) const {
  const std::string file = directory_ + "/apply.yaml";
  Write(file, yaml);
  Kubectl("apply -f " + file);
}

}  // namespace sluice::fakes
