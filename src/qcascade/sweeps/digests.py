"""Short hashes of bytes, and texts short enough to be shown."""

import hashlib


def digest(*parts: bytes | memoryview) -> str:
    """A short hash of bytes.

    Args:
        *parts: the bytes, one after the other.
    """
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "little"))
        hashed.update(part)
    return hashed.hexdigest()[:16]


def short(text: str) -> str:
    """The text, or its beginning and a hash of it.

    Args:
        text: any.
    """
    return text if len(text) <= 60 else f"{text[:40]}… ({digest(text.encode())})"
