# SPDX-License-Identifier: Apache-2.0
"""Where another reader shows a file that is not, octet for octet and name for name, among our readings: the table of
reasons why nothing is hidden from us all the same. docs/mime-differences.md is made from it."""
import base64
import dataclasses
import re
import typing


@dataclasses.dataclass
class Row:
    id: str
    applies: typing.Callable  # (Difference) -> bool
    who: str
    shows: str   # what the other reader shows
    why: str     # why that is so, and why nothing is hidden


def same_line_ends(content):
    """Line ends of one kind, and none at the end."""
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")


def without_blanks(content):
    return re.sub(rb"[\s\0]", b"", content)


def text_of(name):
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp1252", "replace")


def bare_name(name):
    """Without what tells no file from another: blanks, quotes, brackets, control characters."""
    return re.sub(r'[\s"<>()*=\x00-\x1f\x7f\ufffd]', "", name)


class Ours:
    """What our reader holds of one message."""

    def __init__(self, message, line):
        self.message = message
        self.leaves = line["leaves"]
        self.containers = [base64.b64decode(body) for body in line["containers"]]
        self.notes = line["notes"]
        self._by = {}

    def holders(self, content, form):
        """Leaves one of whose readings is `content`, both in this form (a function)."""
        if form not in self._by:
            table = self._by[form] = {}
            for leaf in self.leaves:
                for reading in leaf.contents:
                    table.setdefault(form(reading), []).append(leaf)
        return self._by[form].get(form(content), [])

    def contents(self):
        return (reading for leaf in self.leaves for reading in leaf.contents)


@dataclasses.dataclass
class Difference:
    ours: Ours
    reader: str
    leaf: typing.Any
    content: bytes = None  # not among ours; or
    name: str = None       # not among the names of what holds the content:
    names: list = None

    def __str__(self):
        if self.content is not None:
            return f"content {self.content[:300]!r} ({len(self.content)} octets)"
        return f"name {self.name!r}, ours {self.names!r}"


def exactly(content):
    return content


def differences_of(ours, reader, leaf):
    holders = None
    for content in leaf.contents:
        if not content.strip():
            continue  # nothing to be seen
        if not ours.holders(content, exactly):
            yield Difference(ours, reader, leaf, content=content)
        found = ours.holders(content, same_line_ends) + ours.holders(content, without_blanks)
        if not found:
            return  # its name has no place to be compared with
        holders = (holders or []) + found
    names = [text_of(name) for leaf_ in (ours.leaves if holders is None else holders) for name in leaf_.names]
    for name in dict.fromkeys(text_of(name) for name in leaf.names):
        if name and name not in names:
            yield Difference(ours, reader, leaf, name=name, names=names)


# --- of contents ---------------------------------------------------------------------------------------------------

def differs_in_line_ends(it):
    return bool(it.ours.holders(it.content, same_line_ends))


def is_container(it):
    seen = same_line_ends(it.content)
    return any(same_line_ends(body) == seen for body in it.ours.containers)


def is_beyond_limit(it):
    return any(note.startswith("scan.limit.") for note in it.ours.notes)


def lacks_end(it):
    return any(0 < len(reading) - len(it.content) <= 3 and reading.startswith(it.content) for reading in it.ours.contents())


def is_base64_source(it):
    letters = without_blanks(it.content)
    if not re.fullmatch(rb"[A-Za-z0-9+/]*=*", letters):
        return False
    bits = letters.rstrip(b"=")
    decoded = base64.b64decode(bits[:len(bits) // 4 * 4])
    return any(reading.startswith(decoded) and len(reading) - len(decoded) < 3 for reading in it.ours.contents())


def is_broken_uu(it):
    if not re.search(rb"(?im)^content-transfer-encoding\s*:\s*(x-)?uu", it.ours.message):
        return False
    wanted = min(len(it.content), 45)  # a line
    return any(reading.startswith(it.content[:wanted]) for reading in it.ours.contents())


def is_in_status(it):
    return it.reader.startswith("python") and any(
        same_line_ends(it.content) in same_line_ends(reading) for leaf in it.ours.leaves
        if leaf.type == "message/delivery-status" for reading in leaf.contents)


def is_joined_source(it):
    return it.reader.startswith("python") and bool(it.ours.holders(it.content, without_blanks))


# --- of names ------------------------------------------------------------------------------------------------------

def has_replacements(it):
    if "\ufffd" not in it.name:
        return False
    pattern = re.compile("".join("[^.]{0,4}" if c == "\ufffd" else re.escape(c) for c in it.name), re.DOTALL)
    return any(pattern.fullmatch(name) for name in it.names)


def differs_in_blanks(it):
    return any(bare_name(name) == bare_name(it.name) for name in it.names)


def is_cut_name(it):
    return "." not in it.name.rstrip(".")


def has_late_charset(it):
    return it.reader == "gmime" and "''" in it.name and it.name.split("''")[1] in it.names


def ending(name):
    return name.rstrip(". ").rpartition(".")[2].lower()


def has_same_ending(it):
    return any(ending(bare_name(name)) == ending(bare_name(it.name)) for name in it.names)


ROWS = [
    Row("line-ends", lambda it: it.content is not None and differs_in_line_ends(it), "GMime, Python",
        "the same lines, ended otherwise, or with an end of line more or less at their end",
        "The line end before a boundary belongs to the boundary (RFC 2046 5.1.1); where CRLF, LF and CR are mixed, "
        "programs take one octet more or less."),
    Row("container", lambda it: it.content is not None and is_container(it), "GMime, Python",
        "a multipart or message as one text",
        "It reads the Content-Type otherwise, or finds no part, and shows the source. We took it apart: each part was looked at."),
    Row("limit", lambda it: is_beyond_limit(it), "GMime, Python",
        "something beyond our limits of depth, parts or octets",
        "Never a silent pass: the report says `scan.limit.*`."),
    Row("end-lacks", lambda it: it.content is not None and lacks_end(it), "GMime",
        "up to three octets less at the end",
        "It leaves out a base64 group or an escape that is not whole (RFC 2045 6.8 and 6.7 say nothing of those), or takes one octet too "
        "many for the line end before a boundary. We hold it with these octets."),
    Row("base64-source", lambda it: it.content is not None and is_base64_source(it), "Python",
        "base64 as it stands",
        "Something beside the name of the encoding (a blank is enough) hides it from Python. We undo it; letters and digits alone are no "
        "file, link or script."),
    Row("uu-broken", lambda it: it.content is not None and is_broken_uu(it), "GMime, Python",
        "something else behind a line of uuencode that is shorter or longer than it says",
        "No two programs agree. We hold three readings, alike up to that line: enough to tell what the file is."),
    Row("status-block", lambda it: it.content is not None and is_in_status(it), "Python",
        "a block of a delivery status that holds a line which is no field",
        "Python reads each block of message/delivery-status (RFC 3464 2.1) as a message. We hold the whole as a text."),
    Row("source-joined", lambda it: it.content is not None and is_joined_source(it), "Python",
        "broken base64 as it stands, its line ends removed",
        "When binascii gives up, `get_payload` shows the joined lines. We hold the text with its line ends."),
    Row("name-8bit", lambda it: it.name is not None and has_replacements(it), "Python",
        "U+FFFD for each octet that is no ASCII in a name",
        "We read such octets as UTF-8, or else as windows-1252, as mail programs do."),
    Row("name-blanks", lambda it: it.name is not None and differs_in_blanks(it), "GMime, Python",
        "the same name but for blanks, line ends, quotes, brackets and control characters",
        "Folds within quotes, quotes and comments that nothing ends. Neither changes what the ending is."),
    Row("name-cut", lambda it: it.name is not None and is_cut_name(it), "GMime, Python",
        "a name without an ending: it is cut at the first character that no token may hold (RFC 2045 5.1), or lacks sections",
        "It has no ending. Where the cut name has one, we hold it too."),
    Row("name-late-charset", lambda it: it.name is not None and has_late_charset(it), "GMime",
        "charset and language as a part of the name, where they are spread over sections",
        "RFC 2231 4.1 has both in the first section. The ending is the same."),
    Row("name-same-ending", lambda it: it.name is not None and has_same_ending(it), "GMime, Python",
        "a broken name in another way, with the same ending",
        "Octets that are not of the charset they are said to be in, parameters with garbage behind them, names longer than a thousand "
        "octets. What a file is by its name is told by its ending."),
]


def row_of(difference):
    for row in ROWS:
        if row.applies(difference):
            return row.id
    return None


HEAD = """# How our MIME reading is proven

Mail programs disagree about what is in a message, and whoever wants to get a file past a gateway sends one that the
gateway reads otherwise than the reader does. So our scanner holds every reading that some program takes
([architecture](architecture.md), `scan`), and this is how that is tested.

`tests/differential/differential_test.py` gives the same messages to our reader, to GMime 3 (as Debian has it) and to
Python's `email` under both of its policies. Every leaf that one of them sees, by its content, octet for octet, and by
its file name, must be among the readings that we hold; we may hold more. The messages are the outside suites, some
six hundred seeds that `tests/fuzz/make_seeds.py` makes (which are also the corpus of the fuzz targets), and some six
thousand mutations of both, forty thousand under `script/test --all`; always the same ones.

What is not among our readings as it stands must be explained by a row of this table (`tests/differential/differences.py`,
which this page is made from: `differential_test.py --markdown`). Rows are tried from the top. An unexplained difference
fails the test, and so does a row that explains nothing.

| row | who | what it shows | why nothing is hidden from us |
|---|---|---|---|
"""

TAIL = """
What is not compared: charsets of texts (contents are compared as octets), and which of several readings a program
prefers. Two readers are not all readers: what is known of others stands as tests beside `src/scan/structure.cpp`,
`parameters.cpp` and `transfer.cpp`.
"""


def page():
    rows = "".join(f"| `{row.id}` | {row.who} | {row.shows} | {row.why} |\n" for row in ROWS)
    return HEAD + rows + TAIL
