#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our MIME reader beside GMime 3 and Python's `email`: whatever file either of them sees in a message, by content and by
name, must be among the readings that our scanner looks at (it may look at more). What is not has a row in the table
(differences.py); anything else fails.

  differential_test.py [--programs FOLDER] [--keep FOLDER] [--markdown] [--show ROW]

The messages: the suites beside the checkout, the seeds of tests/fuzz/make_seeds.py, and mutations of both. The last
line is "N passed, N failed, N skipped": one test for each kind of message and reader, and one for each row."""
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
MUTATIONS = 6_000
SHOWN = 2000  # unexplained differences that are printed in full


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


def compare(item):
    """[(reader, row or None, what)] of one message."""
    name, path, ours, theirs = item
    with open(path, "rb") as file:
        message = file.read()
    found = []
    look = differences.Ours(message, ours, ours["leaves"])
    for reader, line in theirs.items():
        for leaf in line["leaves"]:
            for what in differences.differences_of(look, reader, leaf):
                row = differences.row_of(what)
                found.append((reader, row, f"{name}: {path}\n  {reader} sees {leaf}\n  {what}"))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default=os.path.join(ROOT, "build", "release", "tests", "differential"))
    parser.add_argument("--keep", help="folder to write the messages to, and leave them")
    parser.add_argument("--mutations", type=int, default=MUTATIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", help="prints the differences of this row")
    options = parser.parse_args()
    kinds = {"suites": list(suite_messages()), "seeds": list(make_seeds.messages())}
    kinds["mutations"] = list(make_seeds.mutations(kinds["seeds"] + [one for one in kinds["suites"] if b"\r\n" in one[1]], options.mutations, options.seed))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        entries = []
        for kind, messages in kinds.items():
            for number, (name, octets) in enumerate(messages):
                path = os.path.join(folder, f"{kind}-{number}.eml")
                with open(path, "wb") as file:
                    file.write(octets)
                entries.append((kind, name, path))
        sys.exit(check(entries, options))


def check(entries, options):
    paths = [path for _, _, path in entries]
    ours_program = os.path.join(options.programs, "read_parts")
    gmime_program = os.path.join(options.programs, "gmime_parts")
    half = len(paths) // 2
    readers = {}
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        def halves(function, *arguments):
            return [pool.submit(function, *arguments, part) for part in (paths[:half], paths[half:])]
        jobs = {"ours": halves(run_program, ours_program)}
        if os.path.exists(gmime_program):
            jobs["gmime"] = halves(run_program, gmime_program)
        for policy in python_parts.POLICIES:
            jobs[policy] = halves(python_half, policy)
        readers = {reader: [line for job in both for line in job.result()] for reader, both in jobs.items()}
        ours = readers.pop("ours")
        items = [(name, path, ours[i], {reader: lines[i] for reader, lines in readers.items()})
                 for i, (_, name, path) in enumerate(entries)]
        results = list(pool.map(compare, items, chunksize=100))
    counts = collections.Counter()
    unexplained = []
    for (kind, _, _), found in zip(entries, results):
        for reader, row, text in found:
            counts[row] += 1
            if row is None:
                unexplained.append(text)
            elif row == options.show:
                print(text)
    for text in unexplained[:SHOWN]:
        print("UNEXPLAINED", text)
    print(len(entries), "messages;", dict(counts))
    return 1 if unexplained else 0


def python_half(policy, paths):
    return [read_by_python(path, policy) for path in paths]


if __name__ == "__main__":
    main()
