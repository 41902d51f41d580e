// SPDX-License-Identifier: Apache-2.0
// Looking names up, with answers told apart. One resolver is shared by all loops.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/log.h"
#include "base/task.h"
#include "dns/options.h"

namespace mailreeve::dns {

enum class Status : std::uint8_t {
  found,
  no_data,   // the name exists, not with this type (RFC 2308 2.2)
  no_name,   // NXDOMAIN
  servfail,  // the servers could not say; also an alias chain longer than `alias_limit`
  timeout,   // nobody answered within Options::timeout
  bogus,     // DNSSEC validation failed: data came, and must not be used
};
std::string_view name(Status status);
/// Nothing is known: neither that it exists nor that it does not. A finding drawn from it is a temporary error.
constexpr bool is_failure(Status status) { return status >= Status::servfail; }
/// There is certainly no such record: what RFC 7208 4.6.4 calls a void look-up.
constexpr bool is_void(Status status) { return status == Status::no_data || status == Status::no_name; }

enum class Type : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  tlsa = 52
};
std::string_view name(Type type);

/// One answer as it came: record data in wire form, uncompressed. Immutable, shared by everybody who asked.
struct RawAnswer {
  Status status = Status::servfail;
  bool secure = false;               // proven by DNSSEC, the denial of existence too
  std::vector<std::string> records;  // at most `record_limit`; of the type asked for, aliases already followed
  std::chrono::seconds ttl{0};       // for how long it may be believed
};
using Shared = std::shared_ptr<const RawAnswer>;

constexpr std::size_t record_limit = 256;  // records of one answer that are looked at: the other side chooses how many
constexpr unsigned alias_limit = 8;        // CNAMEs in a row

template <class Record>
struct Answer {
  Status status = Status::servfail;
  std::vector<Record> records;  // not empty when found
  bool secure = false;
  bool found() const { return status == Status::found; }
};

struct MailExchanger {
  std::uint16_t preference = 0;
  std::string host;  // lower case, no final dot; empty for a null MX (RFC 7505)
};

/// Every look-up ends within Options::timeout. Safe from any loop; the Task goes on where it was awaited.
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// The only function that implementations write. `name` without final dot, any case, at most 253 octets; a name that
  /// cannot be asked (an empty label, one over 63 octets) answers no_name without asking.
  virtual Task<Shared> ask(std::string name, Type type) = 0;

  Task<Answer<MailExchanger>> mail_exchangers(std::string domain);   // sorted by preference
  Task<Answer<IpAddress>> addresses(std::string host);               // AAAA and A
  Task<Answer<IpAddress>> addresses(std::string host, Type family);  // Type::a or Type::aaaa alone
  Task<Answer<std::string>> texts(std::string name);                 // TXT: the character-strings of a record joined
  Task<Answer<std::string>> names_of(IpAddress address);             // PTR: lower case, no final dot
};

/// 192.0.2.1 -> "1.2.0.192"; IPv6 as 32 nibbles. Without in-addr.arpa or ip6.arpa: DNS lists use it too (RFC 5782 2.4).
std::string reversed(const IpAddress& address);

/// As `options` say: libunbound or a zone file, behind a cache that joins identical questions in flight.
Result<std::unique_ptr<Resolver>> make_resolver(const Options& options, Logger& log);
/// The zone file alone (RFC 1035 5, see docs/settings.md for what is understood); errors name lines.
Result<std::unique_ptr<Resolver>> make_zone_resolver(const std::string& path);
/// The same from text: demonstrations and unit tests. Besides records, `NAME SERVFAIL`, `NAME TIMEOUT` and `NAME BOGUS`
/// (optionally followed by a type) make a look-up fail that way.
Result<std::unique_ptr<Resolver>> zone_resolver_from(std::string_view text, const std::string& origin = ".");

/// Passes questions on and remembers them with their answers, in the order asked: for history, and for people who want
/// to see what a result came from. One coroutine chain's own; not for several threads.
class Recorder final : public Resolver {
 public:
  struct Entry {
    std::string name;
    Type type = Type::a;
    Shared answer;
  };
  explicit Recorder(Resolver& inner, std::size_t limit = 200) : inner_{inner}, limit_{limit} {}
  Task<Shared> ask(std::string name, Type type) override;
  const std::vector<Entry>& entries() const { return entries_; }
  std::size_t asked() const { return asked_; }

 private:
  Resolver& inner_;
  std::size_t limit_;
  std::size_t asked_ = 0;
  std::vector<Entry> entries_;  // the first `limit` ones
};
/// "192.0.2.1", "10 mx.example.org", "\"v=spf1 -all\"": record data as people write it. Never fails: odd octets
/// escaped.
std::string presentation(Type type, std::string_view rdata);

}  // namespace mailreeve::dns
