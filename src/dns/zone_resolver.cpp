// SPDX-License-Identifier: Apache-2.0
// Answers from a zone file alone (RFC 1035 5): demonstrations, tests, and trying out what one is about to publish.
#include <fmt/format.h>

#include <map>
#include <span>

#include "base/files.h"
#include "dns/wire.h"
#include "dns/zone_records.h"
#include "dns/zone_tokens.h"

namespace mailreeve::dns {
namespace {

constexpr std::size_t file_limit = 16U << 20;
constexpr auto usual_ttl = std::chrono::seconds{300};

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

struct RecordSet {
  std::vector<std::string> records;  // rdata
  std::chrono::seconds ttl{0};       // the shortest of theirs
};

struct Node {
  std::map<Type, RecordSet> sets;
  std::map<Type, Status> failures;  // scripted ones of one type
  std::optional<Status> failure;    // of every type
  std::string alias;                // CNAME target
  bool has_alias = false;
};

std::optional<Type> type_of(std::string_view word) {
  for (const auto type :
       {Type::a, Type::ns, Type::cname, Type::soa, Type::ptr, Type::mx, Type::txt, Type::aaaa, Type::tlsa}) {
    if (lower(word) == lower(name(type))) return type;
  }
  return std::nullopt;
}

std::optional<Status> failure_of(std::string_view word) {
  if (word == "SERVFAIL") return Status::servfail;
  if (word == "TIMEOUT") return Status::timeout;
  if (word == "BOGUS") return Status::bogus;
  return std::nullopt;
}

class ZoneResolver final : public Resolver {
 public:
  Task<Shared> ask(std::string name, Type type) override { co_return answer(lower(name), type); }

  Result<void> add_line(const ZoneLine& line);
  void set_origin(std::string origin) { origin_ = std::move(origin); }

 private:
  Result<void> add_record(const std::string& owner, Type type, std::span<const ZoneToken> data,
                          std::chrono::seconds ttl, unsigned line);
  std::string absolute(std::string_view name) const {
    if (name == "@") return origin_;
    if (name.ends_with('.')) return lower(name.substr(0, name.size() - 1));
    return origin_.empty() ? lower(name) : lower(name) + '.' + origin_;
  }
  const Node* find(const std::string& name) const;
  bool exists(const std::string& name) const;
  Shared answer(std::string name, Type type) const;

  std::map<std::string, Node, std::less<>> nodes_;
  std::string origin_;
  std::string last_owner_;
  std::chrono::seconds ttl_ = usual_ttl;  // of $TTL
};

std::unexpected<Error> wrong(unsigned line, std::string text) {
  return fail(ErrorKind::invalid, fmt::format("line {}: {}", line, text));
}

Result<void> ZoneResolver::add_line(const ZoneLine& line) {
  auto tokens = std::span{line.tokens};
  if (tokens.empty()) return {};
  if (tokens[0].text == "$ORIGIN" && tokens.size() == 2) {
    origin_ = absolute(tokens[1].text);
    return {};
  }
  if (tokens[0].text.starts_with('$')) {
    const auto given = tokens.size() == 2 ? parse_ttl(tokens[1].text) : std::nullopt;
    if (tokens[0].text == "$TTL" && given) {
      ttl_ = *given;
      return {};
    }
    if (tokens[0].text == "$TTL") return wrong(line.number, "$TTL needs a time: 3600, or 1h");
    return wrong(line.number, fmt::format("{} is not understood; only $ORIGIN and $TTL are", tokens[0].text));
  }
  if (!line.starts_with_blank) {
    last_owner_ = absolute(tokens[0].text);
    tokens = tokens.subspan(1);
  }
  auto ttl = ttl_;
  for (; !tokens.empty() && !tokens[0].quoted; tokens = tokens.subspan(1)) {
    if (const auto given = parse_ttl(tokens[0].text)) {
      ttl = *given;
    } else if (lower(tokens[0].text) != "in") {
      break;
    }
  }
  if (tokens.empty()) return wrong(line.number, "a record needs a type and data");
  if (const auto failure = failure_of(tokens[0].text)) {
    if (tokens.size() == 1) {
      nodes_[last_owner_].failure = failure;
    } else if (const auto type = type_of(tokens[1].text)) {
      nodes_[last_owner_].failures[*type] = *failure;
    } else {
      return wrong(line.number, fmt::format("{} is no record type", tokens[1].text));
    }
    return {};
  }
  const auto type = type_of(tokens[0].text);
  if (!type) {
    return wrong(line.number, fmt::format("record type \"{}\" is not understood; A, AAAA, MX, TXT, PTR, CNAME, NS, SOA "
                                          "and TLSA are",
                                          tokens[0].text));
  }
  return add_record(last_owner_, *type, tokens.subspan(1), ttl, line.number);
}

Result<void> ZoneResolver::add_record(const std::string& owner, Type type, std::span<const ZoneToken> data,
                                      std::chrono::seconds ttl, unsigned line) {
  auto rdata = zone_record(type, data, [this](std::string_view name) { return absolute(name); });
  if (!rdata) return wrong(line, rdata.error().text);
  auto& node = nodes_[owner];
  if (type == Type::cname) {
    node.has_alias = true;
    node.alias = absolute(data[0].text);
  }
  auto& set = node.sets[type];
  set.ttl = set.records.empty() ? ttl : std::min(set.ttl, ttl);
  set.records.push_back(std::move(*rdata));
  return {};
}

/// Is there anything at or below this name? Then it is not NXDOMAIN (RFC 8020).
bool ZoneResolver::exists(const std::string& name) const {
  if (nodes_.contains(name)) return true;
  const auto suffix = '.' + name;
  for (const auto& [owner, node] : nodes_) {
    if (owner.ends_with(suffix)) return true;
  }
  return false;
}

const Node* ZoneResolver::find(const std::string& name) const {
  const auto own = nodes_.find(name);
  if (own != nodes_.end()) return &own->second;
  if (exists(name)) return nullptr;
  // RFC 4592: the wildcard right below the closest name that exists.
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const auto wildcard = nodes_.find('*' + name.substr(dot));
    if (wildcard != nodes_.end()) return &wildcard->second;
    if (exists(name.substr(dot + 1))) return nullptr;
  }
  return nullptr;
}

Shared ZoneResolver::answer(std::string name, Type type) const {
  auto ttl = std::chrono::seconds::max();
  const auto make = [&ttl](Status status, std::vector<std::string> records = {}) {
    const auto believed = records.empty() ? std::min(ttl, std::chrono::seconds{usual_ttl}) : ttl;
    return std::make_shared<const RawAnswer>(RawAnswer{status, false, std::move(records), believed});
  };
  if (name.ends_with('.')) name.pop_back();
  for (unsigned aliases = 0; aliases <= alias_limit; ++aliases) {
    if (!write_name(name)) return make(Status::no_name);
    const auto* node = find(name);
    if (node == nullptr) return make(exists(name) ? Status::no_data : Status::no_name);
    const auto failure = node->failures.find(type);
    if (failure != node->failures.end()) return make(failure->second);
    const auto set = node->sets.find(node->has_alias && type != Type::cname ? Type::cname : type);
    if (set == node->sets.end()) return make(node->failure.value_or(Status::no_data));
    ttl = std::min(ttl, set->second.ttl);
    if (set->first == type) {
      const auto& records = set->second.records;
      const auto count = static_cast<std::ptrdiff_t>(std::min(records.size(), record_limit));
      return make(Status::found, {records.begin(), records.begin() + count});
    }
    name = node->alias;
  }
  return make(Status::servfail);
}

Result<std::unique_ptr<ZoneResolver>> read_zone(std::string_view text, const std::string& origin) {
  auto resolver = std::make_unique<ZoneResolver>();
  resolver->set_origin(origin == "." ? std::string{} : lower(origin));
  auto lines = zone_lines(text);
  if (!lines) return fail(lines);
  for (const auto& line : *lines) {
    auto added = resolver->add_line(line);
    if (!added) return fail(added);
  }
  return resolver;
}

}  // namespace

Result<std::unique_ptr<Resolver>> zone_resolver_from(std::string_view text, const std::string& origin) {
  auto resolver = read_zone(text, origin);
  if (!resolver) return fail(resolver);
  return std::unique_ptr<Resolver>{std::move(*resolver)};
}

Result<std::unique_ptr<Resolver>> make_zone_resolver(const std::string& path) {
  auto text = make_system_files()->read_all(path, file_limit);
  if (!text) return fail(text);
  auto resolver = zone_resolver_from(*text);
  if (!resolver) return fail(resolver.error().kind, fmt::format("{}: {}", path, resolver.error().text));
  return resolver;
}

}  // namespace mailreeve::dns
