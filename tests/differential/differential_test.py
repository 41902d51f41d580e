#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our MIME reader beside GMime 3 and Python's `email`: whatever file either of them sees in a message, by content and by
name, must be among the readings that our scanner looks at (it may look at more). What is not has a row in the table
(differences.py); anything else fails.

The messages: the suites beside the checkout, the seeds of tests/fuzz/make_seeds.py, and mutations of both. The last
line is "N passed, N failed, N skipped": one test for each kind of message and reader, one for each row of the table
(which must be of use), one for docs/mime-differences.md."""
import argparse
import base64
import collections
import concurrent.futures
import dataclasses
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(ROOT, "tests", "fuzz"))
import differences  # noqa: E402  pylint: disable=wrong-import-position
import make_seeds  # noqa: E402  pylint: disable=wrong-import-position
import python_parts  # noqa: E402  pylint: disable=wrong-import-position

SUITES = os.environ.get("MAILREEVE_SUITES_DIR", os.path.join(ROOT, "..", "shared", "suites"))
PAGE = os.path.join(ROOT, "docs", "mime-differences.md")
SHOWN = 20  # unexplained differences that are printed


def suite_messages():
    """(name, octets) of the whole messages in the outside suites."""
    for folder, _, files in sorted(os.walk(SUITES)):
        for file in sorted(files):
            path = os.path.join(folder, file)
            if file.endswith(".eml") or "maildir" in folder:
                with open(path, "rb") as stream:
                    octets = stream.read()
                name = os.path.relpath(path, SUITES)
                yield name, octets
                if b"\n" in octets.replace(b"\r\n", b""):
                    yield name + " (CRLF)", octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            elif file == "cases.jsonl":
                with open(path, "rb") as stream:
                    for line in stream:
                        case = json.loads(line)
                        given = case.get("input")
                        coded = given.get("message_b64", given.get("data_b64")) if isinstance(given, dict) else None
                        if coded is not None:
                            yield f"{os.path.basename(folder)}/{case['id']}", base64.b64decode(coded)


@dataclasses.dataclass
class Leaf:
    type: str
    names: list     # octets
    contents: list  # octets


def leaves_of(line):
    return [Leaf(leaf.get("type", ""), [base64.b64decode(name) for name in leaf["names"]],
                 [base64.b64decode(content) for content in leaf["readings"]]) for leaf in line["leaves"]]


def run_program(program, paths):
    done = subprocess.run([program], input="\n".join(paths) + "\n", text=True, capture_output=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(lines) != len(paths):
        raise RuntimeError(f"{program}: exit {done.returncode} after {len(lines)} of {len(paths)} messages: {done.stderr}")
    for line in lines:
        line["leaves"] = leaves_of(line)
    return lines


def read_by_python(path, policy):
    with open(path, "rb") as file:
        return {"leaves": [Leaf(*leaf) for leaf in python_parts.leaves_of(file.read(), policy)]}


def python_lines(policy, paths):
    return [read_by_python(path, policy) for path in paths]


def compare(item):
    """[(reader, row or None, what)] of one message."""
    name, path, ours, theirs = item
    with open(path, "rb") as file:
        look = differences.Ours(file.read(), ours)
    found = []
    for reader, line in theirs.items():
        for leaf in line["leaves"]:
            for difference in differences.differences_of(look, reader, leaf):
                found.append((reader, differences.row_of(difference), f"{name}: {path}\n  {reader} sees {difference}"))
    return found


def read_all(paths, programs):
    """{reader: [line of each path]}"""
    half = len(paths) // 2
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        def halves(function, what):
            return [pool.submit(function, what, part) for part in (paths[:half], paths[half:])]
        jobs = {reader: halves(run_program, program) for reader, program in programs.items()}
        jobs.update({policy: halves(python_lines, policy) for policy in python_parts.POLICIES})
        return {reader: [line for job in both for line in job.result()] for reader, both in jobs.items()}


def compare_all(entries, readers):
    ours = readers.pop("ours")
    items = [(name, path, ours[i], {reader: lines[i] for reader, lines in readers.items()})
             for i, (_, name, path) in enumerate(entries)]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return list(pool.map(compare, items, chunksize=100))


class Report:
    """Results as they are told: a test is a kind of message with a reader, a row of the table, the page."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def tell(self, good, name, text=""):
        self.passed += bool(good)
        self.failed += not good
        print("ok  " if good else "FAIL", name, text)

    def skip(self, name, why):
        self.skipped += 1
        print("SKIP", name, why)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed else 0


def write_messages(folder, options):
    """[(kind, name, path)]"""
    kinds = {"suites": list(suite_messages()), "seeds": list(make_seeds.messages())}
    whole = kinds["seeds"] + [(name, octets) for name, octets in kinds["suites"] if b"\r\n" in octets]
    kinds["mutations"] = list(make_seeds.mutations(whole, options.mutations, options.seed))
    entries = []
    for kind, messages in kinds.items():
        for number, (name, octets) in enumerate(messages):
            path = os.path.join(folder, f"{kind}-{number}.eml")
            with open(path, "wb") as file:
                file.write(octets)
            entries.append((kind, name, path))
    return entries


def check(entries, programs, options):
    report = Report()
    results = compare_all(entries, read_all([path for _, _, path in entries], programs))
    messages = collections.Counter(kind for kind, _, _ in entries)
    counts, bad = collections.Counter(), collections.Counter()
    for (kind, _, _), found in zip(entries, results):
        for reader, row, text in found:
            counts[row] += 1
            if row is None:
                bad[kind, reader] += 1
                if sum(bad.values()) <= SHOWN:
                    print("UNEXPLAINED", text)
            elif row == options.show:
                print(text)
    for reader in ("gmime", *python_parts.POLICIES):
        for kind in ("suites", "seeds", "mutations"):
            name = f"{kind}.{reader}"
            if reader not in programs and reader not in python_parts.POLICIES:
                report.skip(name, "built without libgmime-3.0-dev")
            elif messages[kind] == 0:
                report.skip(name, f"no messages in {SUITES}")
            else:
                report.tell(not bad[kind, reader], name, f"{messages[kind]} messages, {bad[kind, reader]} unexplained differences")
    for row in differences.ROWS:
        if counts[row.id] == 0 and "gmime" not in programs:
            report.skip("row." + row.id, "built without libgmime-3.0-dev")
        else:
            report.tell(counts[row.id] > 0, "row." + row.id, f"{counts[row.id]} differences")
    with open(PAGE, encoding="utf-8") as file:
        report.tell(file.read() == differences.page(), "page", "docs/mime-differences.md is what --markdown prints")
    return report.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=os.path.join(ROOT, "build", "release", "tests", "differential"),
                        help="folder of read_parts and gmime_parts")
    parser.add_argument("--keep", help="folder to write the messages to, and leave them")
    parser.add_argument("--mutations", type=int, default=32 if os.environ.get("MAILREEVE_ALL") else 5,
                        help="of each message")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations")
    parser.add_argument("--show", metavar="ROW", help="prints the differences that this row explains")
    parser.add_argument("--markdown", action="store_true", help="prints the page made from the table")
    options = parser.parse_args()
    if options.markdown:
        print(differences.page(), end="")
        return 0
    programs = {"ours": os.path.join(options.programs, "read_parts")}
    gmime = os.path.join(options.programs, "gmime_parts")
    if os.path.exists(gmime):
        programs["gmime"] = gmime
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        return check(write_messages(folder, options), programs, options)


if __name__ == "__main__":
    sys.exit(main())
