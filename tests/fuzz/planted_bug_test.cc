// The fuzzer finds what is wrong: each test plants a bug between the decoder and the engine, and
// wants it found, shrunk to a few lines and told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fuzz/campaign.h"

namespace sluice::fuzz {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr uint64_t kCases = 60;

// Every rule of the policy, ingress and egress.
template <typename Change>
void ChangeRules(store::Object& object, Change change) {
  auto* policy = std::get_if<store::NetworkPolicy>(&object);
  if (policy == nullptr) return;
  for (auto* rules : {&policy->ingress, &policy->egress}) {
    if (!*rules) continue;
    for (store::PolicyRule& rule : **rules) change(rule);
  }
}

template <typename Change>
void ChangePeers(store::Object& object, Change change) {
  ChangeRules(object, [&](store::PolicyRule& rule) {
    for (store::Peer& peer : rule.peers) change(peer);
  });
}

class PlantedBugTest : public testing::Test {
 protected:
  // The first failure that the bug makes, looked for at `level`; fails the test if there is none.
  Failure Find(const Tamper& tamper, std::unique_ptr<Level> level = MakeEngineLevel()) {
    std::vector<std::unique_ptr<Level>> levels;
    levels.push_back(std::move(level));
    Examiner examiner(std::move(levels));
    Campaign campaign(
        {.features = {.ipv6 = false}, .paces = {{.every = 3, .connections = 40}}, .tamper = tamper},
        examiner);
    for (uint64_t seed = 1; seed <= kCases; ++seed) {
      auto failure = campaign.Run(seed);
      if (!failure.ok()) {
        ADD_FAILURE() << failure.error().message();
        return {};
      }
      if (*failure) return **failure;
    }
    ADD_FAILURE() << "not found in " << kCases << " cases";
    return {};
  }
};

// One pod, attached, and one policy: or two pods.
void ExpectSmall(const Failure& failure) {
  EXPECT_LE(failure.history.events.size(), 5u) << ToYaml(failure);
}

// What was odd in it had nothing to do with it.
void ExpectPlain(const Failure& failure) {
  EXPECT_EQ(failure.history.validation, decode::Validation::kCreate) << ToYaml(failure);
}

TEST_F(PlantedBugTest, ExceptIsForgotten) {
  const Failure failure = Find([](store::Object& object) {
    ChangePeers(object, [](store::Peer& peer) {
      if (peer.ip_block) peer.ip_block->except.clear();
    });
  });
  ExpectSmall(failure);
  const std::string yaml = ToYaml(failure);
  ExpectPlain(failure);
  EXPECT_THAT(yaml, HasSubstr("except:"));
  EXPECT_THAT(yaml, Not(HasSubstr("matchExpressions:"))) << "has nothing to do with it";
  EXPECT_THAT(yaml, HasSubstr("oracle: "));
  EXPECT_THAT(yaml, HasSubstr("engine: "));
}

TEST_F(PlantedBugTest, NotInWantsTheKey) {
  const Failure failure = Find([](store::Object& object) {
    ChangePeers(object, [](store::Peer& peer) {
      if (!peer.pod_selector) return;
      std::vector<store::Requirement> more = peer.pod_selector->requirements();
      for (const store::Requirement& requirement : peer.pod_selector->requirements()) {
        if (requirement.op != store::SelectorOperator::kNotIn) continue;
        more.push_back({requirement.key, store::SelectorOperator::kExists, {}});
      }
      peer.pod_selector.emplace(std::move(more));
    });
  });
  ExpectSmall(failure);
  EXPECT_THAT(ToYaml(failure), HasSubstr("operator: \"NotIn\""));
}

TEST_F(PlantedBugTest, RangesEndOneShort) {
  const Failure failure = Find([](store::Object& object) {
    ChangeRules(object, [](store::PolicyRule& rule) {
      for (store::PolicyPort& port : rule.ports) {
        if (port.end && *port.end > std::get<uint16_t>(port.port)) --*port.end;
      }
    });
  });
  ExpectSmall(failure);
  ExpectPlain(failure);
  EXPECT_THAT(ToYaml(failure), HasSubstr("endPort:"));
}

TEST_F(PlantedBugTest, SctpIsTakenForTcp) {
  const Failure failure = Find([](store::Object& object) {
    ChangeRules(object, [](store::PolicyRule& rule) {
      for (store::PolicyPort& port : rule.ports) {
        if (port.protocol == store::Protocol::kSctp) port.protocol = store::Protocol::kTcp;
      }
    });
  });
  ExpectSmall(failure);
  EXPECT_THAT(ToYaml(failure), HasSubstr("protocol: \"SCTP\""));
}

TEST_F(PlantedBugTest, FinishedPodsStay) {
  const Failure failure = Find([](store::Object& object) {
    if (auto* pod = std::get_if<store::Pod>(&object)) pod->phase = store::PodPhase::kRunning;
  });
  ExpectSmall(failure);
  EXPECT_THAT(ToYaml(failure), testing::ContainsRegex("phase: \"(Succeeded|Failed)\""));
}

TEST_F(PlantedBugTest, SidecarsNamePortsInVain) {
  const Failure failure = Find([](store::Object& object) {
    auto* pod = std::get_if<store::Pod>(&object);
    if (pod != nullptr && pod->ports.size() > 1) pod->ports.pop_back();
  });
  ExpectSmall(failure);
  EXPECT_THAT(ToYaml(failure), HasSubstr("containerPort:"));
}

TEST_F(PlantedBugTest, MissingEgressTypeIsTakenForEgress) {
  const Failure failure = Find([](store::Object& object) {
    auto* policy = std::get_if<store::NetworkPolicy>(&object);
    if (policy != nullptr && !policy->egress) policy->egress.emplace();
  });
  ExpectSmall(failure);
  ExpectPlain(failure);
  EXPECT_EQ(failure.history.events.size(), 3u) << ToYaml(failure);
}

TEST_F(PlantedBugTest, ShowsInTheFlowsAsWell) {
  const Failure failure = Find(
      [](store::Object& object) {
        ChangeRules(object, [](store::PolicyRule& rule) { rule.ports.clear(); });
      },
      MakeMatcherLevel());
  EXPECT_EQ(failure.disagreement.level, "matcher");
  ExpectSmall(failure);
  EXPECT_THAT(ToYaml(failure), HasSubstr("ports:"));
}

TEST_F(PlantedBugTest, NothingPlantedNothingFound) {
  std::vector<std::unique_ptr<Level>> levels;
  levels.push_back(MakeEngineLevel());
  Examiner examiner(std::move(levels));
  Campaign campaign({.features = {}, .paces = {{.every = 5, .connections = 40}}, .tamper = {}},
                    examiner);
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    const auto failure = campaign.Run(seed);
    ASSERT_TRUE(failure.ok());
    ASSERT_FALSE(*failure) << ToYaml(**failure);
  }
  // A comparison of trivial cases would prove nothing.
  EXPECT_GT(examiner.allowed(), 500u);
  EXPECT_GT(examiner.denied(), 500u);
}

}  // namespace
}  // namespace sluice::fuzz
