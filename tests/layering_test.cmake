# Fails when an #include runs against the arrows of the architecture.
#
#   cmake -DROOT=<source tree> -P layering_test.cmake     looks at the tree
#   cmake -DSELF_TEST=<scratch dir> -P layering_test.cmake  breaks a small tree in every way
#
# Arrows: ofctl/base <- ofctl <- agent; cni stands beside the agent, on ofctl/base; in the agent
# store <- policy <- pipeline <- reconcile <- edges <- agent/*.cc <- main.cc. tests/oracle may use
# plain data types and nothing that decides: it would repeat the mistakes it is there to find.
cmake_minimum_required(VERSION 3.25)

# What a folder may include beside itself and ofctl/base.
set(core agent/store agent/policy agent/pipeline agent/reconcile ofctl)
set(edges agent/decode agent/manifests agent/kube agent/ovsdb agent/netlink agent/cni_conf
  agent/cni_server agent/http agent/metrics agent/status agent/unixctl)
set(below_ofctl/base "")
set(below_ofctl "")
set(below_agent/store "")
set(below_agent/policy agent/store)
set(below_agent/explain agent/store)
set(below_agent/pipeline agent/policy agent/store ofctl)
set(below_agent/reconcile agent/pipeline agent/policy agent/store ofctl)
set(below_agent/decode agent/store)
set(below_agent/manifests ${core} agent/decode)
set(below_agent/kube ${core} agent/decode)
set(below_agent/ovsdb ${core})
set(below_agent/unixctl "")
set(below_agent/nodes agent/store)
set(below_agent/netlink ${core} agent/nodes)
set(below_agent/cni_conf "")
set(below_agent/cni_server ${core} cni)
set(below_agent/http "")
set(below_agent/status ${core} agent/explain)
set(below_agent/metrics ${core} agent/status)
set(below_agent ${core} ${edges} agent/explain agent/nodes)
set(below_agent/ctl agent/explain agent/manifests agent/pipeline agent/status agent/store agent/unixctl)
set(below_cni "")
set(below_tests/oracle agent/store)

# What decides in the headers that tests/oracle may include.
set(oracle_may_not_call
  "([.>](Matches|Contains|Normalize)|ParseIp|ParseCidr|ClusterStore|PodState) *[({ ;&]")

# Folders that decide and do no I/O.
set(pure agent/store agent/policy agent/explain agent/nodes agent/pipeline agent/reconcile
  agent/decode)

# Headers of cni that its other end may share: what goes over the socket, and what lies on disk.
set(shared_cni_headers cni/types.h cni/protocol.h cni/tombstone.h)

# prefix of <...>|folders or files (regular expression) that may include it
set(libraries
  "openvswitch/|^ofctl/ovs_headers\\.h$"
  "openflow/|^ofctl/ovs_headers\\.h$"
  # Not boost/container/ and boost/unordered/: those are data structures, as the standard's are.
  "boost/[^cu]|^(ofctl/[^/]+|agent/[^/]+|agent/(manifests|kube|ovsdb|unixctl|netlink|cni_server|http|status)/.*|tests/oracle/.*)$"
  "rapidjson/|^(agent/(decode|manifests|kube|ovsdb|cni_conf|status|unixctl|ctl)|cni)/"
  "yaml-cpp/|^agent/(manifests|kube)/"
  "openssl/|^agent/kube/"
  "netlink/|^agent/netlink/"
  "nftables/|^agent/netlink/"
  "prometheus/|^agent/metrics/"
  "gflags/|(^|/)(options\\.(h|cc)|main\\.cc)$"
  "gtest/|^$"
  "gmock/|^$")

# Where a file belongs: its folder.
function(layer_of path out)
  get_filename_component(folder ${path} DIRECTORY)
  set(${out} ${folder} PARENT_SCOPE)
endfunction()

# Why `file` may not include "target"; "" if it may.
function(judge_own file target out)
  layer_of(${file} from)
  layer_of(${target} to)
  set(why "")
  if(NOT DEFINED below_${from})
    set(why "${from} has no place in the architecture yet: give it one in layering_test.cmake")
  elseif(target MATCHES "^ofctl/(ovs_headers|ovs_ptr|ovs_log|wire_[a-z]+)\\.h$")
    if(NOT file MATCHES "^ofctl/([^/]+\\.cc|ovs_ptr\\.h)$")
      set(why "libopenvswitch is an implementation detail of ofctl's .cc files")
    endif()
  elseif(target MATCHES "(^|/)(main|agent)\\.h$" AND NOT file MATCHES "^agent/(main|agent)\\.cc$")
    set(why "only main.cc stands above it")
  elseif(to STREQUAL "cni" AND from STREQUAL "agent/cni_server"
         AND NOT target IN_LIST shared_cni_headers)
    list(JOIN shared_cni_headers " " shared)
    set(why "cni_server and the plugin share only ${shared}")
  elseif(NOT to STREQUAL from AND NOT to STREQUAL "ofctl/base" AND NOT to IN_LIST below_${from})
    list(JOIN below_${from} " " below)
    set(why "${from} stands on: ofctl/base ${below}")
  endif()
  set(${out} "${why}" PARENT_SCOPE)
endfunction()

# Why `file` may not include <target>; "" if it may.
function(judge_library file target out)
  set(why "")
  foreach(entry IN LISTS libraries)
    # The expression may hold '|' itself: split at the first.
    string(FIND "${entry}" "|" bar)
    string(SUBSTRING "${entry}" 0 ${bar} prefix)
    math(EXPR rest "${bar} + 1")
    string(SUBSTRING "${entry}" ${rest} -1 where)
    if(target MATCHES "^${prefix}" AND NOT file MATCHES "${where}")
      set(why "<${prefix}...> belongs to files matching ${where}")
    endif()
  endforeach()
  set(${out} "${why}" PARENT_SCOPE)
endfunction()

# Names every wrong arrow under `root`.
function(find_violations root out)
  set(violations "")
  file(GLOB_RECURSE files RELATIVE ${root}
    ${root}/ofctl/*.h ${root}/ofctl/*.cc ${root}/agent/*.h ${root}/agent/*.cc
    ${root}/cni/*.h ${root}/cni/*.cc ${root}/tests/oracle/*.h ${root}/tests/oracle/*.cc)
  list(FILTER files EXCLUDE REGEX "_test\\.cc$")
  foreach(file IN LISTS files)
    file(STRINGS ${root}/${file} includes REGEX "^[ \t]*#[ \t]*include")
    foreach(line IN LISTS includes)
      set(why "")
      if(line MATCHES "include[ \t]*\"([^\"]+)\"")
        set(target ${CMAKE_MATCH_1})
        judge_own(${file} ${target} why)
      elseif(line MATCHES "include[ \t]*<([^>]+)>")
        set(target ${CMAKE_MATCH_1})
        judge_library(${file} ${target} why)
      endif()
      if(NOT why STREQUAL "")
        list(APPEND violations "${file} includes ${target}: ${why}")
      endif()
    endforeach()
    layer_of(${file} layer)
    if(layer IN_LIST pure)
      file(STRINGS ${root}/${file} clocks REGEX "(^|[^A-Za-z_])([a-z_]*clock::now|time|gettimeofday|clock_gettime) *\\(")
      if(NOT clocks STREQUAL "")
        list(APPEND violations "${file} reads a clock: ${layer} is pure, time is handed in")
      endif()
    endif()
    if(layer STREQUAL "tests/oracle")
      file(STRINGS ${root}/${file} calls REGEX "${oracle_may_not_call}")
      if(NOT calls STREQUAL "")
        list(APPEND violations "${file} lets the agent decide: ${calls}")
      endif()
    endif()
  endforeach()
  list(LENGTH files count)
  set(scanned ${count} PARENT_SCOPE)
  set(${out} "${violations}" PARENT_SCOPE)
endfunction()

# file|line that must be found wrong when it stands in an otherwise clean tree
set(wrong_arrows
  "ofctl/base/x.h|#include \"ofctl/match.h\""
  "ofctl/base/x.h|#include \"agent/store/objects.h\""
  "ofctl/base/x.cc|#include <boost/asio/io_context.hpp>"
  "ofctl/base/x.cc|#include <rapidjson/document.h>"
  "ofctl/x.cc|#include \"agent/store/objects.h\""
  "ofctl/x.cc|#include \"cni/types.h\""
  "ofctl/x.cc|#include <openvswitch/match.h>"
  "ofctl/x.cc|#include <openflow/openflow.h>"
  "ofctl/x.h|#include \"ofctl/ovs_headers.h\""
  "agent/ovsdb/x.cc|#include \"ofctl/ovs_headers.h\""
  "agent/status/x.cc|#include \"ofctl/wire_match.h\""
  "agent/store/x.cc|#include \"agent/policy/rule.h\""
  "agent/store/x.cc|#include \"ofctl/match.h\""
  "agent/policy/x.cc|#include \"agent/pipeline/tables.h\""
  "agent/policy/x.cc|#include \"ofctl/flow.h\""
  "agent/pipeline/x.cc|#include \"agent/reconcile/desired_state.h\""
  "agent/reconcile/x.cc|#include \"agent/ovsdb/ovsdb_client.h\""
  "agent/reconcile/x.cc|#include \"agent/agent.h\""
  "agent/decode/x.cc|#include \"agent/manifests/manifest_source.h\""
  "agent/decode/x.cc|#include \"agent/policy/rule.h\""
  "agent/manifests/x.cc|#include \"agent/ovsdb/ovsdb_client.h\""
  "agent/status/x.cc|#include \"agent/cni_server/steps.h\""
  "agent/netlink/x.cc|#include \"cni/types.h\""
  "agent/http/x.cc|#include \"agent/status/queries.h\""
  "agent/cni_server/x.cc|#include \"agent/netlink/pod_network.h\""
  "agent/cni_server/x.cc|#include \"cni/ipam.h\""
  "agent/status/x.cc|#include \"agent/options.h\""
  "agent/options.cc|#include \"agent/agent.h\""
  "agent/ctl/x.cc|#include \"agent/policy/rule.h\""
  "agent/ctl/x.cc|#include \"agent/reconcile/desired_state.h\""
  "agent/ctl/x.cc|#include \"ofctl/match.h\""
  "agent/ctl/x.cc|#include <boost/asio/io_context.hpp>"
  "agent/explain/x.cc|#include \"agent/policy/rule.h\""
  "agent/nodes/x.cc|#include \"agent/netlink/routes.h\""
  "agent/policy/x.cc|#include \"agent/nodes/peer_nodes.h\""
  "agent/explain/x.cc|#include <rapidjson/document.h>"
  "agent/policy/x.cc|#include \"agent/explain/explain.h\""
  "agent/brandnew/x.cc|#include \"agent/store/objects.h\""
  "cni/x.cc|#include \"agent/store/endpoint.h\""
  "cni/x.cc|#include \"ofctl/match.h\""
  "cni/x.cc|#include <boost/asio/io_context.hpp>"
  "cni/x.cc|#include <openvswitch/match.h>"
  "agent/store/x.cc|#include <boost/asio/post.hpp>"
  "agent/policy/x.cc|  #  include <boost/asio/post.hpp>"
  "agent/pipeline/x.cc|#include <boost/asio/post.hpp>"
  "agent/reconcile/x.cc|#include <boost/asio/post.hpp>"
  "agent/decode/x.cc|#include <boost/asio/post.hpp>"
  "agent/store/x.cc|#include <rapidjson/document.h>"
  "agent/netlink/x.cc|#include <rapidjson/document.h>"
  "agent/decode/x.cc|#include <yaml-cpp/yaml.h>"
  "agent/ovsdb/x.cc|#include <yaml-cpp/yaml.h>"
  "agent/agent.cc|#include <openssl/ssl.h>"
  "agent/kube/x.cc|#include \"agent/manifests/manifest_source.h\""
  "agent/cni_conf/x.cc|#include \"agent/netlink/pod_network.h\""
  "agent/agent.cc|#include <nftables/libnftables.h>"
  "agent/cni_server/x.cc|#include <netlink/netlink.h>"
  "agent/agent.cc|#include <gflags/gflags.h>"
  "agent/reconcile/x.cc|#include <prometheus/counter.h>"
  "agent/agent.cc|#include <prometheus/registry.h>"
  "agent/store/x.cc|#include <gtest/gtest.h>"
  "agent/store/x.cc|auto t = std::chrono::steady_clock::now()+deadline"
  "agent/policy/x.cc|  return std::chrono::system_clock::now ()"
  "agent/pipeline/x.cc|auto t = Clock::now() - std::chrono::steady_clock::now()"
  "agent/reconcile/x.cc|const auto t = std::time(nullptr)"
  "agent/decode/x.cc|auto t = std::chrono::high_resolution_clock::now()"
  "tests/oracle/x.cc|#include \"agent/policy/policy_engine.h\""
  "tests/oracle/x.cc|#include \"agent/decode/object_decoder.h\""
  "tests/oracle/x.cc|#include \"agent/reconcile/desired_state.h\""
  "tests/oracle/x.cc|  return selector.Matches(labels)"
  "tests/oracle/x.cc|  return peer->ip_block->Contains(address)"
  "tests/oracle/x.cc|const auto cidr = ParseCidr(text)"
  "tests/oracle/x.cc|store::ClusterStore store")

# file|line that must be let through
set(right_arrows
  "ofctl/base/ip.cc|#include <arpa/inet.h>"
  "ofctl/base/ip.h|#include \"ofctl/base/result.h\""
  "ofctl/ovs_headers.h|#include <openvswitch/match.h>"
  "ofctl/ovs_ptr.h|#include \"ofctl/ovs_headers.h\""
  "ofctl/encode.cc|#include \"ofctl/ovs_headers.h\""
  "ofctl/connection.h|#include <boost/asio/io_context.hpp>"
  "agent/store/store.h|#include \"ofctl/base/ip.h\""
  "agent/store/store.h|#include <boost/unordered/unordered_flat_set.hpp>"
  "agent/policy/rule.h|#include \"agent/store/store.h\""
  "agent/pipeline/owner.h|#include \"ofctl/flow.h\""
  "agent/reconcile/state.h|#include \"agent/pipeline/owner.h\""
  "agent/decode/pod.cc|#include <rapidjson/document.h>"
  "agent/manifests/source.cc|#include \"agent/decode/pod.h\""
  "agent/kube/source.cc|#include \"agent/decode/pod.h\""
  "agent/kube/kubeconfig.cc|#include <yaml-cpp/yaml.h>"
  "agent/kube/tls_context.cc|#include <openssl/ssl.h>"
  "agent/netlink/node_routes.h|#include \"agent/nodes/peer_nodes.h\""
  "agent/ovsdb/client.cc|#include \"agent/store/endpoint.h\""
  "agent/cni_server/session.cc|#include \"cni/protocol.h\""
  "agent/status/queries.cc|#include \"agent/reconcile/state.h\""
  "agent/status/why.cc|#include \"agent/explain/explain.h\""
  "agent/ctl/why.cc|#include \"agent/explain/explain.h\""
  "agent/ctl/why.cc|#include \"agent/unixctl/call.h\""
  "agent/agent.cc|#include \"agent/agent.h\""
  "agent/main.cc|#include \"agent/agent.h\""
  "agent/main.cc|#include <gflags/gflags.h>"
  "agent/options.cc|#include <gflags/gflags.h>"
  "agent/ovsdb/session.cc|auto t = std::chrono::steady_clock::now()"
  "agent/reconcile/time.cc|void Runtime(int deadline_ms)"
  "cni/main.cc|#include \"ofctl/base/result.h\""
  "cni/json.cc|#include <rapidjson/document.h>"
  "tests/oracle/x.cc|#include \"agent/store/objects.h\""
  "tests/oracle/reading.cc|#include <boost/json.hpp>"
  "tests/oracle/reading_test.cc|#include \"tests/fakes/builders.h\"")

function(split entry file line)
  string(FIND "${entry}" "|" bar)
  string(SUBSTRING "${entry}" 0 ${bar} before)
  math(EXPR rest "${bar} + 1")
  string(SUBSTRING "${entry}" ${rest} -1 after)
  set(${file} "${before}" PARENT_SCOPE)
  set(${line} "${after}" PARENT_SCOPE)
endfunction()

if(DEFINED SELF_TEST)
  set(tree ${SELF_TEST}/layering_tree)
  file(REMOVE_RECURSE ${tree})
  foreach(entry IN LISTS right_arrows)
    split("${entry}" file line)
    file(APPEND ${tree}/${file} "${line}\n")
  endforeach()
  find_violations(${tree} found)
  if(NOT found STREQUAL "")
    list(JOIN found "\n  " text)
    message(FATAL_ERROR "right arrows are called wrong:\n  ${text}")
  endif()
  set(missed "")
  foreach(entry IN LISTS wrong_arrows)
    split("${entry}" file line)
    set(before "")
    if(EXISTS ${tree}/${file})
      file(READ ${tree}/${file} before)
    endif()
    file(WRITE ${tree}/${file} "${before}${line}\n")
    find_violations(${tree} found)
    list(LENGTH found count)
    if(NOT count EQUAL 1 OR NOT found MATCHES "^${file} ")
      list(APPEND missed "${file}: ${line} -> ${count}: ${found}")
    endif()
    if(before STREQUAL "")
      file(REMOVE ${tree}/${file})
    else()
      file(WRITE ${tree}/${file} "${before}")
    endif()
  endforeach()
  file(REMOVE_RECURSE ${tree})
  if(NOT missed STREQUAL "")
    list(JOIN missed "\n  " text)
    message(FATAL_ERROR "wrong arrows go unnoticed:\n  ${text}")
  endif()
  list(LENGTH wrong_arrows count)
  message(STATUS "layering: ${count} wrong arrows noticed")
else()
  find_violations(${ROOT} found)
  if(NOT found STREQUAL "")
    list(JOIN found "\n  " text)
    message(FATAL_ERROR "wrong arrows:\n  ${text}")
  endif()
  if(scanned LESS 100)
    message(FATAL_ERROR "only ${scanned} files seen: is ROOT=${ROOT} the source tree?")
  endif()
  message(STATUS "layering: ${scanned} files, every arrow runs the right way")
endif()
