// SPDX-License-Identifier: Apache-2.0
// What it costs to have a message looked at in a scanner process instead of in this one: the same messages in turn, one
// after the other, the same function on both sides.
//
//   cell_bench PROGRAM FILE [COUNT]    PROGRAM: mailreeve
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cell/child.h"
#include "scan/report_codec.h"
#include "scan/scan.h"

int main(int argc, char** argv) {
  using namespace mailreeve;
  if (argc < 3) {
    std::cerr << "usage: cell_bench PROGRAM FILE [COUNT]\n";
    return 2;
  }
  std::ifstream file{argv[2], std::ios::binary};
  const mail::MemoryBody body{std::string{std::istreambuf_iterator<char>{file}, {}}};
  const auto message = mail::read_whole(body, 1U << 30).value();
  const auto child = cell::start_child(argv[1]);
  if (!child) {
    std::cerr << child.error().text << '\n';
    return 1;
  }
  const int count = argc > 3 ? std::atoi(argv[3]) : 5000;
  constexpr int rounds = 5;
  const auto micros = [count](auto began) {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count() / count;
  };
  for (int round = 0; round < rounds; ++round) {
    std::size_t octets = 0;
    auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      const auto report = scan::read_report(scan::write_report(scan::scan(message, {})));
      octets += report->text.size();
    }
    const auto here = micros(began);
    began = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      const auto sealed = cell::seal(body);
      const auto answer = cell::ask_blocking(*child, *sealed, 10);
      if (!answer) return 1;
      octets += scan::read_report(*answer)->text.size();
    }
    const auto there = micros(began);
    std::cout << fmt::format("{} octets: here {:.1f} us, in a cell {:.1f} us, {:.1f} us more  ({})\n", message.size(),
                             here, there, there - here, octets);
  }
}
