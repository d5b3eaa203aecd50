// The scenarios of sluice-bench; README.md explains each.
#pragma once

#include "tests/bench/report.h"

namespace sluice::bench {

void RunInstall(Report& report);
void RunCompile(Report& report);
void RunNodeView(Report& report);
void RunLongList(Report& report);
void RunEvent(Report& report);
void RunWidePolicy(Report& report);
void RunExtremes(Report& report);
void RunRestart(Report& report);
void RunCniAdd(Report& report);
void RunDatapath(Report& report);
void RunEdit(Report& report);
void RunIdle(Report& report);
void RunBulk(Report& report);
void RunChurn(Report& report);
void RunPurge(Report& report);
void RunGrowth(Report& report);

}  // namespace sluice::bench
