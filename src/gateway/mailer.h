// SPDX-License-Identifier: Apache-2.0
// Mail of our own, to people of ours: digests, sign-in links, alerts. Never to strangers.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "gateway/live.h"
#include "mail/notice.h"
#include "store/queue.h"

namespace mailreeve::gateway {

struct OwnMail {
  mail::Mailbox to;
  std::string subject;  // UTF-8
  std::string text;     // UTF-8
  std::string html;     // the same for those who see it; may be empty
  /// Where given, the mail is sent once under this id, however often it is offered.
  std::optional<MessageId> once = {};
  std::optional<mail::NoticeFile> attached = {};
};

struct MailerServices {
  store::Queue& queue;
  std::function<void()> wake;  // the queue has something new
  const Current<Live>& live;
  const Clock& clock;
  Random& random;
  Logger& log;
};

class Mailer {
 public:
  explicit Mailer(const MailerServices& services) : services_{services} {}
  /// Queued durably when the Task ends. From `quarantine.digest-from`, else from `contact`. ErrorKind::refused: the
  /// address is not one of ours, or nobody is there.
  Task<Result<MessageId>> send(OwnMail mail);

 private:
  MailerServices services_;
};

}  // namespace mailreeve::gateway
