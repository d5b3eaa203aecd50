#include "agent/manifests/manifest_set.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace sluice::manifests {
namespace {

using decode::Identity;

constexpr std::array<std::string_view, 4> kBuiltInNamespaces = {"default", "kube-node-lease",
                                                                "kube-public", "kube-system"};

Identity NamespaceIdentity(std::string_view name) {
  return {store::ObjectKind::kNamespace, {"", std::string(name)}};
}

std::optional<store::Object> BuiltIn(const Identity& identity) {
  const std::string& name = identity.key.name;
  const bool built_in = identity.kind == store::ObjectKind::kNamespace &&
                        std::find(kBuiltInNamespaces.begin(), kBuiltInNamespaces.end(), name) !=
                            kBuiltInNamespaces.end();
  if (!built_in) return std::nullopt;
  return store::Namespace{name, {{"kubernetes.io/metadata.name", name}}};
}

std::string NameOf(const Identity& identity) {
  return std::string(store::ToString(identity.kind)) + " " + identity.key.ToString();
}

Complaint ErrorIn(const std::string& file, int line, std::string text) {
  return {Complaint::Severity::kError, file, line, std::move(text)};
}

}  // namespace

ManifestSet::ManifestSet() {
  for (const std::string_view name : kBuiltInNamespaces) {
    const Identity identity = NamespaceIdentity(name);
    in_force_.emplace(identity, *BuiltIn(identity));
  }
}

std::vector<store::StoreEvent> ManifestSet::Snapshot() const {
  std::vector<store::StoreEvent> events;
  for (const auto& [identity, object] : in_force_) {
    events.push_back({identity.kind, identity.key, object});
  }
  return events;
}

std::optional<store::Object> ManifestSet::InForce(const Identity& identity) const {
  const auto holders = holders_.find(identity);
  if (holders == holders_.end()) return BuiltIn(identity);
  return files_.at(*holders->second.begin()).held.at(identity).object;
}

std::vector<store::StoreEvent> ManifestSet::Apply(const std::vector<FileChange>& changes) {
  Touched touched;
  for (const FileChange& change : changes) ApplyOne(change, touched);
  std::vector<store::StoreEvent> events;
  for (const Identity& identity : touched) {
    const auto holders = holders_.find(identity);
    if (holders != holders_.end() && holders->second.empty()) holders_.erase(holders);
    auto now = InForce(identity);
    const auto before = in_force_.find(identity);
    const bool same =
        now ? before != in_force_.end() && before->second == *now : before == in_force_.end();
    if (same) continue;
    if (now) {
      in_force_.insert_or_assign(identity, *now);
    } else {
      in_force_.erase(before);
    }
    events.push_back({identity.kind, identity.key, std::move(now)});
  }
  return events;
}

void ManifestSet::ApplyOne(const FileChange& change, Touched& touched) {
  const auto existing = files_.find(change.file);
  if (std::holds_alternative<FileGone>(change.state)) {
    if (existing == files_.end()) return;
    for (const auto& [identity, held] : existing->second.held) {
      touched.insert(identity);
      holders_.at(identity).erase(change.file);
    }
    files_.erase(existing);
    return;
  }
  FileState& state = files_[change.file];
  if (const auto* unreadable = std::get_if<FileUnreadable>(&change.state)) {
    state.complaints = {ErrorIn(change.file, 0, unreadable->reason)};
    return;
  }
  ApplyContent(state, change, touched);
}

void ManifestSet::ApplyContent(FileState& state, const FileChange& change, Touched& touched) {
  auto parsed = ParseManifest(std::get<FileContent>(change.state).text);
  if (const auto* error = std::get_if<YamlSyntaxError>(&parsed)) {
    state.complaints = {ErrorIn(change.file, error->line, "not valid YAML: " + error->reason)};
    return;
  }
  for (const auto& [identity, held] : state.held) {
    touched.insert(identity);
    holders_[identity].erase(change.file);
  }
  FileState after = FromEntries(change.file, std::move(std::get<0>(parsed)), state);
  for (const auto& [identity, held] : after.held) {
    touched.insert(identity);
    holders_[identity].insert(change.file);
  }
  state = std::move(after);
}

ManifestSet::FileState ManifestSet::FromEntries(const std::string& file,
                                                std::vector<ManifestEntry> entries,
                                                FileState& before) {
  FileState state;
  for (ManifestEntry& entry : entries) {
    if (auto* object = std::get_if<store::Object>(&entry.content)) {
      const Identity identity{store::KindOf(*object), store::KeyOf(*object)};
      const auto [held, fresh] =
          state.held.try_emplace(identity, Held{entry.line, std::move(*object)});
      if (fresh) continue;
      state.complaints.push_back(ErrorIn(file, entry.line,
                                         NameOf(identity) + ": already defined in line " +
                                             std::to_string(held->second.line) + ", which counts"));
    } else if (const auto* unknown = std::get_if<UnknownKind>(&entry.content)) {
      state.unknown_kinds.try_emplace(*unknown, entry.line);
    }
  }
  bool unnamed = false;
  for (const ManifestEntry& entry : entries) {
    const auto* refused = std::get_if<RefusedDocument>(&entry.content);
    if (refused == nullptr) continue;
    state.complaints.push_back(ErrorIn(file, entry.line, refused->reason));
    if (!refused->identity) {
      unnamed = true;
      continue;
    }
    const auto last_good = before.held.find(*refused->identity);
    if (last_good == before.held.end()) continue;
    state.held.try_emplace(*refused->identity, Held{entry.line, last_good->second.object});
  }
  if (unnamed) state.held.merge(before.held);
  return state;
}

std::vector<Complaint> ManifestSet::Complaints() const {
  std::vector<Complaint> complaints;
  for (const auto& [file, state] : files_) {
    complaints.insert(complaints.end(), state.complaints.begin(), state.complaints.end());
  }
  ComplainAboutDuplicates(complaints);
  ComplainAboutUnknownKinds(complaints);
  ComplainAboutNamespaces(complaints);
  std::sort(complaints.begin(), complaints.end(), [](const Complaint& a, const Complaint& b) {
    return std::tie(a.file, a.line, a.text) < std::tie(b.file, b.line, b.text);
  });
  return complaints;
}

void ManifestSet::ComplainAboutDuplicates(std::vector<Complaint>& complaints) const {
  for (const auto& [identity, holders] : holders_) {
    const std::string& winner = *holders.begin();
    for (auto loser = std::next(holders.begin()); loser != holders.end(); ++loser) {
      complaints.push_back(ErrorIn(*loser, files_.at(*loser).held.at(identity).line,
                                   NameOf(identity) + ": already defined in " + winner + ":" +
                                       std::to_string(files_.at(winner).held.at(identity).line) +
                                       ", which counts"));
    }
  }
}

void ManifestSet::ComplainAboutUnknownKinds(std::vector<Complaint>& complaints) const {
  std::set<UnknownKind> named;
  for (const auto& [file, state] : files_) {
    for (const auto& [unknown, line] : state.unknown_kinds) {
      if (!named.insert(unknown).second) continue;
      complaints.push_back({Complaint::Severity::kWarning, file, line,
                            unknown.kind + " (" + unknown.api_version +
                                ") is not used here; objects of this kind are skipped"});
    }
  }
}

void ManifestSet::ComplainAboutNamespaces(std::vector<Complaint>& complaints) const {
  for (const auto& [identity, holders] : holders_) {
    const std::string& ns = identity.key.ns;
    if (ns.empty() || in_force_.contains(NamespaceIdentity(ns))) continue;
    const std::string& file = *holders.begin();
    complaints.push_back(ErrorIn(file, files_.at(file).held.at(identity).line,
                                 NameOf(identity) + ": namespace \"" + ns + "\" not found"));
  }
}

std::vector<std::string> ManifestSet::Files() const {
  std::vector<std::string> files;
  for (const auto& [file, state] : files_) files.push_back(file);
  return files;
}

}  // namespace sluice::manifests
