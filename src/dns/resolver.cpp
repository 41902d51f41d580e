// SPDX-License-Identifier: Apache-2.0
#include "dns/resolver.h"

#include <fmt/format.h>

#include <algorithm>

#include "dns/wire.h"

namespace mailreeve::dns {
namespace {

void append_addresses(std::vector<IpAddress>& to, const RawAnswer& from, std::size_t size) {
  for (const auto& record : from.records) {
    if (record.size() != size) continue;
    to.push_back(IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(record.data()), size));
  }
}

/// What was found but cannot be read is as good as absent.
template <class Record, class Read>
Answer<Record> typed(const RawAnswer& raw, Read read) {
  Answer<Record> answer{raw.status, {}, raw.secure};
  for (const auto& record : raw.records) {
    auto value = read(record);
    if (value) answer.records.push_back(std::move(*value));
  }
  if (answer.status == Status::found && answer.records.empty()) answer.status = Status::no_data;
  return answer;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= ' ' && c < 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\{:03}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

}  // namespace

std::string_view name(Status status) {
  constexpr std::string_view words[] = {"found", "no data", "no such name", "servfail", "timeout", "bogus"};
  return words[static_cast<std::size_t>(status)];
}

std::string_view name(Type type) {
  switch (type) {
    case Type::a:
      return "A";
    case Type::ns:
      return "NS";
    case Type::cname:
      return "CNAME";
    case Type::soa:
      return "SOA";
    case Type::ptr:
      return "PTR";
    case Type::mx:
      return "MX";
    case Type::txt:
      return "TXT";
    case Type::aaaa:
      return "AAAA";
    case Type::tlsa:
      return "TLSA";
  }
  return "?";
}

std::string reversed(const IpAddress& address) {
  std::string out;
  if (address.is_v4()) {
    const auto* bytes = address.data();
    return fmt::format("{}.{}.{}.{}", bytes[3], bytes[2], bytes[1], bytes[0]);
  }
  constexpr std::string_view digits = "0123456789abcdef";
  for (int i = 15; i >= 0; --i) {
    const auto octet = address.data()[i];
    if (!out.empty()) out += '.';
    out += digits[octet & 15];
    out += '.';
    out += digits[octet >> 4];
  }
  return out;
}

Task<Answer<MailExchanger>> Resolver::mail_exchangers(std::string domain) {
  const auto raw = co_await ask(std::move(domain), Type::mx);
  auto answer = typed<MailExchanger>(*raw, read_mail_exchanger);
  std::ranges::sort(answer.records, {}, &MailExchanger::preference);
  co_return answer;
}

Task<Answer<IpAddress>> Resolver::addresses(std::string host, Type family) {
  const auto raw = co_await ask(std::move(host), family);
  Answer<IpAddress> answer{raw->status, {}, raw->secure};
  append_addresses(answer.records, *raw, family == Type::a ? 4 : 16);
  if (answer.status == Status::found && answer.records.empty()) answer.status = Status::no_data;
  co_return answer;
}

Task<Answer<IpAddress>> Resolver::addresses(std::string host) {
  const auto v6 = co_await ask(host, Type::aaaa);
  const auto v4 = co_await ask(std::move(host), Type::a);
  Answer<IpAddress> answer{Status::found, {}, v4->secure && v6->secure};
  append_addresses(answer.records, *v6, 16);
  append_addresses(answer.records, *v4, 4);
  if (answer.found() && answer.records.empty()) {
    // One family missing while the other's servers fail is a failure, not an absence.
    const auto status = std::max(v4->status, v6->status);
    const bool absent = v4->status == Status::no_name || v6->status == Status::no_name;
    answer.status = is_failure(status) ? status : absent ? Status::no_name : Status::no_data;
  }
  co_return answer;
}

Task<Answer<std::string>> Resolver::texts(std::string name) {
  const auto raw = co_await ask(std::move(name), Type::txt);
  co_return typed<std::string>(*raw, read_text);
}

Task<Answer<std::string>> Resolver::names_of(IpAddress address) {
  const auto raw = co_await ask(reversed(address) + (address.is_v4() ? ".in-addr.arpa" : ".ip6.arpa"), Type::ptr);
  auto answer = typed<std::string>(*raw, read_host_name);
  std::erase(answer.records, std::string{});
  if (answer.found() && answer.records.empty()) answer.status = Status::no_data;
  co_return answer;
}

Task<Shared> Recorder::ask(std::string name, Type type) {
  ++asked_;
  auto answer = co_await inner_.ask(name, type);
  if (entries_.size() < limit_) entries_.push_back({std::move(name), type, answer});
  co_return answer;
}

std::string presentation(Type type, std::string_view rdata) {
  const auto octets = [&] { return "\\# " + printable(rdata); };
  switch (type) {
    case Type::a:
    case Type::aaaa:
      if (rdata.size() != (type == Type::a ? 4U : 16U)) return octets();
      return IpAddress::from_bytes(reinterpret_cast<const std::uint8_t*>(rdata.data()), rdata.size()).text();
    case Type::mx: {
      const auto exchanger = read_mail_exchanger(rdata);
      return exchanger ? fmt::format("{} {}", exchanger->preference, exchanger->host.empty() ? "." : exchanger->host)
                       : octets();
    }
    case Type::txt: {
      const auto text = read_text(rdata);
      return text ? fmt::format("\"{}\"", printable(*text)) : octets();
    }
    case Type::ptr:
    case Type::ns:
    case Type::cname: {
      const auto host = read_host_name(rdata);
      return host ? *host : octets();
    }
    default:
      return octets();
  }
}

}  // namespace mailreeve::dns
