// The headers of libopenvswitch, in an order in which they compile as C++. Included by .cc files of
// ofctl only: the rest of Sluice never sees a C struct of theirs.
#pragma once

#include <arpa/inet.h>  // before all of them: nsh.h uses htonl undeclared
// The enum ofperr is used by ten headers that do not declare it.
// clang-format off
#include <openvswitch/ofp-errors.h>
#include <openflow/openflow.h>
#include <openvswitch/dynamic-string.h>
#include <openvswitch/match.h>
#include <openvswitch/meta-flow.h>
#include <openvswitch/ofp-actions.h>
#include <openvswitch/ofp-bundle.h>
#include <openvswitch/ofp-connection.h>
#include <openvswitch/ofp-flow.h>
#include <openvswitch/ofp-match.h>
#include <openvswitch/ofp-monitor.h>
#include <openvswitch/ofp-msgs.h>
#include <openvswitch/ofp-port.h>
#include <openvswitch/ofp-print.h>
#include <openvswitch/ofp-util.h>
#include <openvswitch/ofpbuf.h>
#include <openvswitch/vlog.h>
// clang-format on
