#include "tests/fakes/ovs_sandbox.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace sluice::fakes {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kStartDeadline{20};
constexpr std::chrono::milliseconds kPoll{2};
constexpr char kSchema[] = "/usr/share/openvswitch/vswitch.ovsschema";

// Every OVS program looks for its sockets, databases and logs where these say.
constexpr const char* kDirectoryVariables[] = {"OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR",
                                               "OVS_SYSCONFDIR"};

std::vector<std::string> Environment(const std::string& directory) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::string(*entry).rfind("OVS_", 0) != 0) environment.emplace_back(*entry);
  }
  for (const char* variable : kDirectoryVariables) {
    environment.push_back(std::string(variable) + "=" + directory);
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// A child that the kernel kills when this thread ends, so that nothing outlives a crashed test.
pid_t Spawn(std::vector<std::string> command, const std::string& directory) {
  std::vector<std::string> environment = Environment(directory);
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> variables = Pointers(environment);
  const std::string output = directory + "/output.log";
  const pid_t parent = getpid();
  const pid_t child = fork();
  PCHECK(child >= 0) << "fork for " << command[0];
  if (child != 0) return child;
  // Only async-signal-safe calls from here on: the test may have threads.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int log = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) _exit(127);
  execvpe(arguments[0], arguments.data(), variables.data());
  _exit(127);
}

bool Answers(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PCHECK(fd >= 0) << "socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK_LT(path.size(), sizeof address.sun_path) << path;
  path.copy(address.sun_path, path.size());
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

std::string FileText(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The daemon's socket accepts connections, or the test ends here with its log.
void AwaitSocket(pid_t pid, const std::string& socket_path, const std::string& log) {
  const Clock::time_point deadline = Clock::now() + kStartDeadline;
  while (!Answers(socket_path)) {
    int status = 0;
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0)
        << "the daemon of " << socket_path << " ended with status " << status << ":\n"
        << FileText(log) << FileText(std::filesystem::path(log).parent_path() / "output.log");
    CHECK(Clock::now() < deadline) << "no answer on " << socket_path << ":\n" << FileText(log);
    std::this_thread::sleep_for(kPoll);
  }
}

void KillAndReap(int& pid) {
  if (pid < 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

std::vector<std::string> DaemonOptions(const std::string& directory, const std::string& name) {
  return {"--pidfile=" + directory + "/" + name + ".pid",
          "--log-file=" + directory + "/" + name + ".log", "-vconsole:off", "-vsyslog:off"};
}

void Append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

OvsSandbox::OvsSandbox(Datapath datapath) : datapath_(datapath) {
  std::string pattern = std::filesystem::temp_directory_path() / "sluice-ovs-XXXXXX";
  PCHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
  rundir_ = pattern;
  StartDatabase();
  StartSwitch();
}

OvsSandbox::~OvsSandbox() {
  KillAndReap(switch_pid_);
  KillAndReap(database_pid_);
  std::error_code ignored;
  std::filesystem::remove_all(rundir_, ignored);
}

void OvsSandbox::StartDatabase() {
  const std::string database = rundir_ + "/conf.db";
  Run("ovsdb-tool create '" + database + "' " + kSchema);
  std::vector<std::string> command = {"ovsdb-server", database, "--remote=punix:" + db_socket(),
                                      "--unixctl=" + rundir_ + "/ovsdb-server.ctl"};
  Append(command, DaemonOptions(rundir_, "ovsdb-server"));
  database_pid_ = Spawn(command, rundir_);
  AwaitSocket(database_pid_, db_socket(), rundir_ + "/ovsdb-server.log");
  Run("ovs-vsctl --db=unix:" + db_socket() + " --no-wait init");
}

void OvsSandbox::LaunchSwitch() {
  CHECK_EQ(switch_pid_, -1) << "the switch already runs";
  std::vector<std::string> command = {"ovs-vswitchd", "unix:" + db_socket(),
                                      "--unixctl=" + vswitchd_control()};
  Append(command, DaemonOptions(rundir_, "ovs-vswitchd"));
  if (datapath_ == Datapath::kDummy) {
    Append(command, {"--enable-dummy", "--disable-system", "--disable-system-route"});
  }
  switch_pid_ = Spawn(command, rundir_);
}

void OvsSandbox::StartSwitch() {
  LaunchSwitch();
  AwaitSocket(switch_pid_, vswitchd_control(), rundir_ + "/ovs-vswitchd.log");
  // ovs-vsctl returns when the switch has applied the whole database, and not before: afterwards
  // every bridge of an earlier run has its sockets again. It waits only when something changes.
  Vsctl("set Open_vSwitch . external_ids:sandbox-switch-pid=" + std::to_string(switch_pid_));
}

void OvsSandbox::KillSwitch() { KillAndReap(switch_pid_); }

std::string OvsSandbox::Vsctl(const std::string& arguments) const {
  return Run("ovs-vsctl --timeout=20 --db=unix:" + db_socket() + " " + arguments);
}

std::string OvsSandbox::Ofctl(const std::string& arguments) const {
  return Run("ovs-ofctl --timeout=20 -O OpenFlow15 " + arguments);
}

std::string OvsSandbox::Appctl(const std::string& arguments) const {
  return Run("ovs-appctl --timeout=20 --target=" + vswitchd_control() + " " + arguments);
}

std::string OvsSandbox::Run(const std::string& command) const {
  std::string line;
  for (const char* variable : kDirectoryVariables) {
    line += std::string(variable) + "='" + rundir_ + "' ";
  }
  FILE* pipe = popen((line + command).c_str(), "re");
  PCHECK(pipe != nullptr) << command;
  std::string output;
  std::array<char, 4096> chunk;
  size_t count = 0;
  while ((count = fread(chunk.data(), 1, chunk.size(), pipe)) > 0) {
    output.append(chunk.data(), count);
  }
  const int status = pclose(pipe);
  CHECK_EQ(status, 0) << "'" << command << "' failed, status " << status << ", output:\n" << output;
  return output;
}

}  // namespace sluice::fakes
