# SPDX-License-Identifier: Apache-2.0
"""Every leaf that Python's `email` sees, by either of its policies."""
import email
import email.policy
import warnings

POLICIES = {"python-default": email.policy.default, "python-compat32": email.policy.compat32}


def octets_of(text):
    """Names come as text; octets that were no ASCII are kept as surrogates."""
    return text.encode("utf-8", "surrogateescape")


def leaves_of(message, policy):
    """[(type, names, contents)]. Some messages make Python itself fail with an exception: what failed shows nothing."""
    warnings.simplefilter("ignore")
    try:
        parsed = email.message_from_bytes(message, policy=POLICIES[policy])
    except Exception:  # pylint: disable=broad-except
        return []
    leaves = []
    for part in parsed.walk():
        if part.is_multipart():
            continue
        names, contents = [], []
        try:
            name = part.get_filename()
            if name is not None:
                names.append(octets_of(name))
        except Exception:  # pylint: disable=broad-except
            pass
        try:
            content = part.get_payload(decode=True)
            if content is not None:
                contents.append(content)
        except Exception:  # pylint: disable=broad-except
            pass
        try:
            type_ = part.get_content_type()
        except Exception:  # pylint: disable=broad-except
            type_ = ""
        leaves.append((type_, names, contents))
    return leaves
