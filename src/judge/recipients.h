// SPDX-License-Identifier: Apache-2.0
// For whom: is this recipient ours, known, or somebody we relay to? (design: promise 3, never a relay for strangers)
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/task.h"
#include "judge/people.h"
#include "mail/address.h"

namespace mailreeve::judge {

/// A list of addresses that exist. Answers may take time (LDAP, SQL, call-ahead), hence the Task.
class Directory {
 public:
  enum class Answer { found, missing, unavailable };
  virtual ~Directory() = default;
  virtual Task<Answer> find(mail::Mailbox address) const = 0;
  /// As find, but only an address that is listed as such counts, no wildcard or rule.
  virtual Task<Answer> find_literally(mail::Mailbox address) const;
  enum class Verified { yes, no, unsupported, unavailable };
  /// Is this the password of the person at this address? Lists that know no passwords: `unsupported`.
  virtual Task<Verified> verify(mail::Mailbox address, std::string password) const;
  virtual bool knows_passwords() const { return false; }
  /// Those whose names the list tells by itself, without being asked.
  virtual const std::vector<NamedPerson>& people() const;
};

/// kind = "file": one address, `@domain`, or pattern with `*` a line; `#` starts a comment. Compared without case.
/// A `#` counts only at the start of a line or after a blank, for a local part may hold one. An address with a +tag is
/// found when it, or the address without the tag, is. At most 64 MiB and 10,000 patterns; a list without an address is
/// an error, for it would refuse everybody. An address may stand in < > behind its owner's name, in quotes or without;
/// of the first 100,000 names `people` tells. Errors name the lines. Blocking; the directory answers without
/// suspending.
Result<std::unique_ptr<Directory>> load_file_directory(const std::string& path);
/// recipients = "any" with accept-any = true.
std::unique_ptr<Directory> make_any_directory();

struct DomainOptions {
  mail::Domain name;
  std::vector<mail::Domain> aliases;  // the same people under another domain: recipients are rewritten to `name`
  std::shared_ptr<const Directory> recipients;
};

struct RecipientOptions {
  std::vector<DomainOptions> domains;
  std::vector<IpNetwork> relay_networks;  // may send anywhere
};

/// What is decided about one RCPT.
struct RecipientDecision {
  enum class Kind {
    ours,         // accept; `recipient` is the address to deliver to, `domain` the domain of ours
    relay,        // not ours, but this client may send anywhere
    unknown,      // ours, but nobody there: 550 5.1.1
    denied,       // not ours: 550 5.7.1
    unavailable,  // the directory cannot say: 451 4.4.3
  };
  Kind kind = Kind::denied;
  std::optional<mail::Mailbox> recipient;
  std::string domain;
};

class AddressBook {
 public:
  explicit AddressBook(RecipientOptions options);
  /// Percent hacks (user%other@ours), bang paths (other!user@ours) and quoted addresses ("a@other"@ours) are local
  /// parts like any other to us, but inner servers may route by them: unless listed as such they are denied, even
  /// where the domain takes any recipient. Source routes are denied. postmaster@ and abuse@ of a domain of ours are
  /// always found (RFC 5321 4.5.1, RFC 2142); a bare <Postmaster> is postmaster@ the first domain.
  Task<RecipientDecision> decide(mail::ForwardPath path, IpAddress client) const;
  /// Asks the list of its domain whether this is the password of a recipient, in the form that `decide` gives.
  Task<Directory::Verified> verify(mail::Mailbox recipient, std::string password) const;
  bool knows_passwords() const;  // the list of any domain does
  bool may_relay(const IpAddress& client) const;
  bool is_ours(const mail::Domain& domain) const;

 private:
  RecipientOptions options_;
  std::map<std::string, std::size_t> by_name_;  // names and aliases -> index of the domain
};

/// Why this network must not be trusted to relay, or nothing: everything (0.0.0.0/0, ::/0), and any range reachable
/// from the Internet that is wider than /16 (IPv4) or /32 (IPv6), would make an open relay.
std::optional<std::string> open_relay_reason(const IpNetwork& network);

}  // namespace mailreeve::judge
