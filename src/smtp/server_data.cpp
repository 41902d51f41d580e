// SPDX-License-Identifier: Apache-2.0
// The message itself: DATA (RFC 5321 4.1.1.4) and BDAT (RFC 3030).
#include <algorithm>
#include <limits>

#include "smtp/command_line.h"
#include "smtp/server.h"
#include "smtp/server_replies.h"

namespace mailreeve::smtp {
namespace {

constexpr std::uint64_t times(std::uint64_t limit, std::uint64_t factor) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  return limit > most / factor ? most : limit * factor;
}

}  // namespace

Server::Step Server::smuggling() {
  put_last(replies::bare_line_end(), "smuggling");
  return std::nullopt;
}

Server::Step Server::on_data(std::string_view arguments) {
  std::optional<Reply> refusal;
  if (!arguments.empty()) {
    refusal = replies::no_arguments();
  } else if (options_.require_tls && !tls_) {
    refusal = replies::tls_required();
  } else if (!in_transaction_) {
    refusal = replies::bad_sequence("Say MAIL first");
  } else if (chunked_) {
    refusal = replies::bad_sequence("BDAT was said in this transaction");
  } else if (recipients_ == 0) {
    refusal = replies::no_valid_recipients();
  }
  if (refusal) {
    put_error(*refusal);
    // A client that did not wait for the reply sent a message, not commands.
    if (phase_ != Phase::closed && !input_.empty()) {
      abort(*refusal);
      close("pipelining");
    }
    return std::nullopt;
  }
  awaiting_ = Awaiting::data;
  return event::Data{false};
}

Server::Step Server::read_data() {
  const auto limit = options_.limits.message_size;
  // A message over the limit is read on to its end, so that the reply stands in the right place; but not for ever.
  const auto most = times(limit, 5);
  const auto left = most - size_;
  auto window = input_.substr(0, left < input_.size() ? static_cast<std::size_t>(left) + 1 : input_.size());
  const auto had = window.size();
  const auto step = reader_.read(window);
  input_.remove_prefix(had - window.size());
  switch (step.found) {
    case DataReader::Found::more:
      return std::nullopt;
    case DataReader::Found::forbidden:
      return smuggling();
    case DataReader::Found::end:
      if (size_ <= limit) return end_of_data();
      phase_ = Phase::command;
      put(replies::too_big());
      abort(replies::too_big());
      return std::nullopt;
    case DataReader::Found::text:
      break;
  }
  if (step.text.size() > left) {
    put_last(replies::too_big(), "message far too big");
    return std::nullopt;
  }
  size_ += step.text.size();
  if (size_ > limit || step.text.empty()) return std::nullopt;
  return event::Body{step.text};
}

Server::Step Server::end_of_data() {
  phase_ = Phase::command;
  awaiting_ = Awaiting::end_of_data;
  return event::EndOfData{size_};
}

Server::Step Server::on_bdat(std::string_view arguments) {
  const auto parsed = parse_bdat(arguments);
  if (!parsed) {
    // Where the next chunk begins is unknown, so a message begun cannot be completed.
    put(parsed.error());
    if (chunked_) abort(parsed.error());
    count_error();
    return std::nullopt;
  }
  const auto& limits = options_.limits;
  if (options_.require_tls && !tls_) return refuse_chunk(parsed->octets, replies::tls_required());
  if (!in_transaction_) return refuse_chunk(parsed->octets, replies::bad_sequence("Say MAIL first"));
  if (recipients_ == 0) return refuse_chunk(parsed->octets, replies::no_valid_recipients());
  if (parsed->octets > limits.message_size - size_) {
    abort(replies::too_big());
    return refuse_chunk(parsed->octets, replies::too_big());
  }
  if (++chunks_ > limits.bdat_chunks) {
    put_last(replies::misbehaved(options_.host_name, "too many chunks"), "chunks");
    return std::nullopt;
  }
  return begin_chunk(parsed->octets, parsed->last);
}

Server::Step Server::begin_chunk(std::uint64_t octets, bool last) {
  phase_ = Phase::chunk;
  chunk_octets_ = octets;
  chunk_left_ = octets;
  chunk_last_ = last;
  if (chunked_) return std::nullopt;
  chunked_ = true;
  reader_ = DataReader{DataReader::Framing::counted};
  awaiting_ = Awaiting::data;
  return event::Data{true};
}

/// RFC 3030 2: the octets follow the command whether it is accepted or not. They are skipped, unless they are so many
/// that closing is the cheaper answer.
Server::Step Server::refuse_chunk(std::uint64_t octets, const Reply& reply) {
  if (octets > times(options_.limits.message_size, 2)) {
    put_last(reply, "chunk far too big");
    return std::nullopt;
  }
  phase_ = Phase::chunk;
  chunk_left_ = octets;
  refusal_ = std::make_unique<Reply>(reply);
  refusal_is_error_ = true;
  return std::nullopt;
}

Server::Step Server::read_chunk() {
  if (chunk_left_ == 0) return end_chunk();
  auto window = input_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_left_, input_.size())));
  const auto had = window.size();
  DataReader::Step step{DataReader::Found::more, {}};
  if (refusal_) {
    window = {};
  } else {
    step = reader_.read(window);
  }
  const auto consumed = had - window.size();
  input_.remove_prefix(consumed);
  chunk_left_ -= consumed;
  if (step.found == DataReader::Found::forbidden) return smuggling();
  if (step.found != DataReader::Found::text) return std::nullopt;
  size_ += step.text.size();
  return event::Body{step.text};
}

Server::Step Server::end_chunk() {
  phase_ = Phase::command;
  if (refusal_) {
    const auto reply = std::move(*std::exchange(refusal_, nullptr));
    put(reply);
    if (reply.code == 421) close("421");
    if (refusal_is_error_) count_error();
    return std::nullopt;
  }
  if (!chunk_last_) {
    put(replies::octets_received(chunk_octets_));
    return std::nullopt;
  }
  if (reader_.is_after_cr()) return smuggling();
  return end_of_data();
}

}  // namespace mailreeve::smtp
