// SPDX-License-Identifier: Apache-2.0
// /api/v1/learn: what mail teaches, as hashes of its words; whoever asks has taken the message apart.
#pragma once

#include "base/task.h"
#include "web/call.h"

namespace mailreeve::web {

/// GET ?scope=DOMAIN: {"spam": 210, "ham": 1933}, messages learnt so far.
Task<net::HttpResponse> show_learnt(Call call);
/// POST: what lesson_request writes. Answers what lesson_answer reads.
Task<net::HttpResponse> learn(Call call);

/// Both ends of the request, so that they agree.
std::string lesson_request(const std::string& scope, const std::vector<store::Lesson>& lessons);
struct LessonRequest {
  std::string scope;
  std::vector<store::Lesson> lessons;
};
Result<LessonRequest> read_lesson_request(std::string_view body);
Result<store::LessonCounts> lesson_answer(std::string_view body);

}  // namespace mailreeve::web
