#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the house: folders under src/ include only what the tables in docs/architecture.md allow, every folder has its
row and every row its folder, and Asio is named in net/ and base/task.h only."""
import os
import re
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PAGE = os.path.join(ROOT, "docs", "architecture.md")
SOURCE = os.path.join(ROOT, "src")
ALLOWED = ["folder", "what lives there", "may include"]
FORBIDDEN = ["folder", "not even", "because"]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z_]+)/[^"]*"')
ASIO = re.compile(r"boost/asio|\basio::|\basio\s*=")
TEST_FILE = re.compile(r"(_test\.cpp|_(fixture|driver)\.h)$")
TEST_DOUBLES = "support"  # tests/support


def cells_of(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []


def names_in(cell):
    return {name.strip(" `") for name in cell.split(",") if name.strip(" `")}


def read_table(text, head, column):
    """{folder: names in that column} of the table under "## The house" with this head, in the order of its rows."""
    table, within, inside = {}, False, False
    for line in text.splitlines():
        if line.startswith("## "):
            within, inside = line == "## The house", False
        cells = cells_of(line)
        if within and cells == head:
            inside = True
        elif not cells:
            inside = False
        elif inside and (match := re.fullmatch(r"`([a-z_]+)`", cells[0])):
            if len(cells) != len(head):
                raise ValueError(f"a row of {len(cells)} cells under a head of {len(head)}: {line}")
            table[match[1]] = names_in(cells[column])
    return table


def check_tables(allowed, forbidden):
    """Rows stand top to bottom: each lists all the folders below it; what is forbidden besides must be among them."""
    problems, order = [], list(allowed)
    for position, folder in enumerate(order):
        below = set(order[position + 1:])
        for name in sorted(allowed[folder] - below):
            why = "stands above it" if name in order else "has no row"
            problems.append(f"docs/architecture.md: {folder} may include {name}, which {why}")
        for name in sorted(below - allowed[folder]):
            problems.append(f"docs/architecture.md: {folder} does not list {name}, which stands below it")
    for folder, names in forbidden.items():
        for name in sorted(names - allowed.get(folder, set())):
            problems.append(f"docs/architecture.md: {folder} is forbidden {name}, which it may not include anyway")
    return problems


def check_folders(source, allowed):
    present = {name for name in os.listdir(source) if os.path.isdir(os.path.join(source, name))}
    return ([f"src/{name} has no row in the table of docs/architecture.md" for name in sorted(present - set(allowed))] +
            [f"docs/architecture.md lists {name}, but there is no src/{name}" for name in sorted(set(allowed) - present)])


def check_sources(source, allowed, forbidden):
    problems = []
    for folder in sorted(allowed):
        for path, _, names in sorted(os.walk(os.path.join(source, folder))):
            for name in sorted(names):
                if name.endswith((".h", ".cpp")):
                    problems += check_file(source, os.path.join(path, name), folder, allowed, forbidden)
    return problems


def check_file(source, path, folder, allowed, forbidden):
    problems = []
    shown = "src/" + os.path.relpath(path, source).replace(os.sep, "/")
    is_test = bool(TEST_FILE.search(shown))
    asio_is_free = is_test or folder == "net" or shown == "src/base/task.h"
    # A test may put real parts together, as long as the direction holds.
    may = allowed[folder] | {TEST_DOUBLES} if is_test else allowed[folder] - forbidden.get(folder, set())
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if match and match[1] != folder and match[1] not in may:
                problems.append(f"{shown}:{number}: {folder} may not include {match[1]}")
            if not asio_is_free and ASIO.search(line.split("//")[0]):
                problems.append(f"{shown}:{number}: Asio is named outside net/ and base/task.h")
    return problems


class TheHouse(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        with open(PAGE, encoding="utf-8") as file:
            text = file.read()
        cls.allowed = read_table(text, ALLOWED, 2)
        cls.forbidden = read_table(text, FORBIDDEN, 1)

    def none(self, problems):
        self.assertFalse(problems, "\n" + "\n".join(problems))

    def test_tables_are_found_and_agree(self):
        self.assertTrue(self.allowed, f"no table with the head {ALLOWED} under '## The house'")
        self.assertTrue(self.forbidden, f"no table with the head {FORBIDDEN} under '## The house'")
        self.none(check_tables(self.allowed, self.forbidden))

    def test_every_folder_has_a_row_and_every_row_a_folder(self):
        self.none(check_folders(SOURCE, self.allowed))

    def test_sources_follow_the_tables(self):
        self.none(check_sources(SOURCE, self.allowed, self.forbidden))

    def test_config_is_included_by_cli_only(self):
        self.assertEqual([folder for folder, names in self.allowed.items() if "config" in names], ["cli"])


class WouldItBeFound(unittest.TestCase):
    """The same checks on a small tree with one thing wrong at a time."""

    ALLOWED = {"top": {"net", "low", "base"}, "net": {"low", "base"}, "low": {"base"}, "base": set()}
    FORBIDDEN = {"top": {"low"}}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.source = folder.name
        for name in self.ALLOWED:
            os.mkdir(os.path.join(self.source, name))

    def write(self, name, text):
        with open(os.path.join(self.source, name), "w", encoding="utf-8") as file:
            file.write(text)

    def found(self):
        return check_folders(self.source, self.ALLOWED) + check_sources(self.source, self.ALLOWED, self.FORBIDDEN)

    def test_what_is_right_passes(self):
        self.write("top/a.cpp", '#include "net/b.h"\n#include "top/a.h"\n#include <vector>\n')
        self.write("net/loop.cpp", "#include <boost/asio.hpp>\n")
        self.write("base/task.h", "#include <boost/asio/awaitable.hpp>\n")
        self.write("low/a_test.cpp", '#include <boost/asio.hpp>\n#include "support/x.h"\n')
        self.write("low/a_fixture.h", "using boost::asio::io_context;\n")
        self.write("top/a_test.cpp", '#include "low/b.h"\n')
        self.assertEqual(self.found(), [])

    def test_an_include_upwards(self):
        self.write("low/b.h", '\n  #  include "top/a.h"\n')
        self.assertEqual(self.found(), ["src/low/b.h:2: low may not include top"])

    def test_an_include_upwards_in_a_test(self):
        self.write("low/b_test.cpp", '#include "top/a.h"\n')
        self.assertEqual(self.found(), ["src/low/b_test.cpp:1: low may not include top"])

    def test_an_include_of_what_is_forbidden_besides(self):
        self.write("top/a.cpp", '#include "low/b.h"\n')
        self.assertEqual(self.found(), ["src/top/a.cpp:1: top may not include low"])

    def test_a_source_that_uses_a_test_double(self):
        self.write("low/b.cpp", '#include "support/x.h"\n')
        self.assertEqual(self.found(), ["src/low/b.cpp:1: low may not include support"])

    def test_asio_elsewhere(self):
        self.write("low/b.h", "// boost/asio in a comment\n#include <boost/asio/ip/tcp.hpp>\n")
        self.assertEqual(self.found(), ["src/low/b.h:2: Asio is named outside net/ and base/task.h"])

    def test_a_folder_without_a_row_and_a_row_without_a_folder(self):
        os.rmdir(os.path.join(self.source, "low"))
        os.mkdir(os.path.join(self.source, "other"))
        self.assertEqual(self.found(), ["src/other has no row in the table of docs/architecture.md",
                                        "docs/architecture.md lists low, but there is no src/low"])

    def test_a_table_out_of_order(self):
        self.assertEqual(check_tables(self.ALLOWED, self.FORBIDDEN), [])
        self.assertEqual(len(check_tables({"a": set(), "b": {"a"}}, {})), 2)  # b upwards; a lacks b
        self.assertEqual(len(check_tables({"a": {"nowhere"}}, {})), 1)
        self.assertEqual(len(check_tables({"a": {"b"}, "b": set()}, {"b": {"a"}})), 1)

    def test_the_table_is_read_under_its_heading_only(self):
        row = "| folder | what lives there | may include |\n|---|---|---|\n| `a` | text | b, c |\n"
        self.assertEqual(read_table("## Other\n" + row, ALLOWED, 2), {})
        self.assertEqual(read_table("## The house\n\n" + row, ALLOWED, 2), {"a": {"b", "c"}})


def main():
    program = unittest.main(exit=False)
    result = program.result
    failed, skipped = len(result.failures) + len(result.errors), len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
