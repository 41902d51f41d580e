#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end tests side by side, each in a process of its own.

  run.py [-j N] [NAME...]     NAME: a part of a test's name; without one, all

The last line is "N passed, N failed, N skipped". MAILREEVE_BIN names another binary."""
import argparse
import concurrent.futures
import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
TEST_SECONDS = 180


def all_tests():
    def flatten(suite):
        for item in suite:
            if isinstance(item, unittest.TestSuite):
                yield from flatten(item)
            else:
                yield item
    return [test.id() for test in flatten(unittest.TestLoader().discover(HERE, "*_test.py", HERE))]


def run_one(name):
    began = time.monotonic()
    try:
        done = subprocess.run([sys.executable, "-W", "ignore::ResourceWarning", __file__, "--one", name], text=True,
                              capture_output=True, timeout=TEST_SECONDS, check=False, errors="replace")
        output, code = done.stdout + done.stderr, done.returncode
    except subprocess.TimeoutExpired as late:
        output, code = f"{late.stdout}\n{late.stderr}\nno end after {TEST_SECONDS} s", 1
    return name, code, output, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-j", type=int, default=2 * (os.cpu_count() or 1), help="tests at once")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.one:
        result = unittest.TextTestRunner(verbosity=0).run(unittest.TestLoader().loadTestsFromName(options.one))
        for _, reason in result.skipped:
            print("SKIPPED:", reason)
        sys.exit(0 if result.wasSuccessful() else 1)

    names = [name for name in all_tests() if not options.names or any(part in name for part in options.names)]
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for task in concurrent.futures.as_completed([pool.submit(run_one, name) for name in names]):
            name, code, output, seconds = task.result()
            reasons = [line[9:] for line in output.splitlines() if line.startswith("SKIPPED: ")]
            if code != 0:
                failed += 1
                print(f"FAIL {name} {seconds:.1f} s\n{output}", flush=True)
            elif reasons:
                skipped += 1
                print(f"SKIP {name} {'; '.join(reasons)}", flush=True)
            else:
                passed += 1
                print(f"ok   {name} {seconds:.1f} s", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not names else 0)


if __name__ == "__main__":
    main()
