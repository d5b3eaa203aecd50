// pause holds the namespaces of a pod. As process 1 it needs handlers to be stoppable, and it must
// reap the orphans of the pod.
#include <signal.h>
#include <unistd.h>

static void Stop(int signal) {
  (void)signal;
  _exit(0);
}

int main(void) {
  signal(SIGINT, Stop);
  signal(SIGTERM, Stop);
  signal(SIGCHLD, SIG_IGN);
  for (;;) pause();
}
