"""Addresses of customers' own status pages, which nobody can guess: a keyed hash of the site's name."""

from __future__ import annotations

import hashlib
import hmac

_DIGITS = 32


def token(secret: str, site: str) -> str:
    """32 hexadecimal digits, the same for the same secret and site; another secret makes every link void."""
    return hmac.new(secret.encode(), b"evenkeel status page of " + site.encode(), hashlib.sha256).hexdigest()[:_DIGITS]
