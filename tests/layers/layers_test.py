#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails when a folder of src/ includes what its row in docs/architecture.md does not allow, when a folder has no row, or
when Asio is named outside net/ and base/task.h."""
import os
import re
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z_]+)/[^"]*"')
ASIO = re.compile(r"boost/asio|\basio::|\basio\s*=")


def read_table(path):
    """{folder: set of folders it may include}, in the order of the table."""
    table = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
            if len(cells) == 4 and (match := re.fullmatch(r"`([a-z]+)`", cells[0])):
                table[match[1]] = {name for name in re.split(r"[,\s]+", cells[3]) if name}
    return table


def check_table(table):
    """The rows stand top to bottom: each may name only rows below it."""
    order = list(table)
    problems = []
    for position, folder in enumerate(order):
        for name in sorted(table[folder]):
            if name not in table:
                problems.append(f"the table lets {folder} include {name}, which has no row")
            elif order.index(name) <= position:
                problems.append(f"the table lets {folder} include {name}, which stands above it")
    return problems


def is_test(name):
    return bool(re.search(r"_(test|fixture|test_driver)\.(h|cpp)$", name))


def check_sources(source, table):
    problems = []
    for folder in sorted(os.listdir(source)):
        if not os.path.isdir(os.path.join(source, folder)):
            continue
        if folder not in table:
            problems.append(f"src/{folder} has no row in the table of docs/architecture.md")
            continue
        for path, _, names in os.walk(os.path.join(source, folder)):
            for name in sorted(names):
                if name.endswith((".h", ".cpp")):
                    problems += check_file(os.path.join(path, name), folder, table, source)
    return problems


def check_file(path, folder, table, source):
    problems = []
    shown = os.path.join("src", os.path.relpath(path, source))
    test = is_test(path)
    asio_allowed = folder == "net" or shown == os.path.join("src", "base", "task.h") or test
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if match and match[1] != folder and match[1] not in table[folder]:
                if not (test and match[1] in ("support", *table)):  # a test may put real parts together
                    problems.append(f"{shown}:{number}: {folder} may not include {match[1]}")
            if not asio_allowed and ASIO.search(line.split("//")[0]):
                problems.append(f"{shown}:{number}: Asio is named outside net/ and base/task.h")
    return problems


def self_test():
    """Would this test fail if something were wrong?"""
    table = {"top": {"low"}, "net": {"low"}, "low": set()}
    with tempfile.TemporaryDirectory() as source:
        def write(name, text):
            os.makedirs(os.path.dirname(os.path.join(source, name)), exist_ok=True)
            with open(os.path.join(source, name), "w", encoding="utf-8") as file:
                file.write(text)

        write("top/a.cpp", '#include "low/b.h"\n#include "top/a.h"\n#include <vector>\n')
        write("net/loop.cpp", "#include <boost/asio.hpp>\n")
        assert check_sources(source, table) == []
        write("low/b.h", '#include "base/x.h"\n  #  include "top/a.h"\n')
        assert len(check_sources(source, table)) == 2, check_sources(source, table)
        write("low/b.h", "#include <boost/asio/ip/tcp.hpp>\n")
        assert len(check_sources(source, table)) == 1
        write("low/b.h", "")
        write("other/c.h", "")
        assert check_sources(source, table) == ["src/other has no row in the table of docs/architecture.md"]
    assert check_table(table) == []
    assert len(check_table({"a": set(), "b": {"a"}})) == 1
    assert len(check_table({"a": {"nowhere"}})) == 1


def main():
    self_test()
    table = read_table(os.path.join(ROOT, "docs", "architecture.md"))
    problems = check_table(table) + check_sources(os.path.join(ROOT, "src"), table)
    if len(table) < 10:
        problems.append(f"only {len(table)} rows were found in docs/architecture.md")
    print("\n".join(problems))
    print(f"{0 if problems else 1} passed, {1 if problems else 0} failed, 0 skipped")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
