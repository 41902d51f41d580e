#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the output of ctest or of one of our Python suites: "PASSED FAILED SKIPPED", then why tests were skipped."""
import re
import sys


def count(text):
    passed = failed = skipped = 0
    reasons = []
    for line in text.splitlines():
        if match := re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped", line.strip()):
            passed += int(match[1])
            failed += int(match[2])
            skipped += int(match[3])
        elif match := re.match(r"\s*\d+/\d+ Test\s+#\d+: (\S+)(?:\s+# GetParam\(\).*?)?\s\.*\s*(\**\S+(?: \S+)*?)\s+[\d.]+ sec", line):
            result = match[2]
            if result == "Passed":
                passed += 1
            elif "Skipped" in result:
                skipped += 1
                reasons.append(match[1])
            elif "Not Run (Disabled)" in result:
                skipped += 1
                reasons.append(match[1] + " (disabled)")
            else:
                failed += 1
        elif match := re.match(r"SKIP\s+(\S+)\s+(.*)", line):
            reasons.append(f"{match[1]} {match[2]}")
    return passed, failed, skipped, reasons


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        totals = count(file.read())
    print(*totals[:3])
    for reason in totals[3]:
        print(reason)
