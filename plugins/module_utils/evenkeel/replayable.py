"""Which addresses may be asked a second time: nothing that does something, nothing that is somebody's. Pure.

A page too few costs little, a page too many may cost somebody an order: what looks like doing is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 300
_PLAIN = re.compile(r"/(?:[A-Za-z0-9._~!$'()*+,:=/-]|%[0-9A-Fa-f]{2})*\Z")
_QUERY = re.compile(r"[a-z][a-z0-9_-]{0,15}=[A-Za-z0-9_.,-]{1,24}(?:&[a-z][a-z0-9_-]{0,15}=[A-Za-z0-9_.,-]{1,24})?\Z")
_WORDS = re.compile(r"[A-Za-z]+")
_DOING = frozenset(
    # sessions, and what is one person's
    "logout logoff signout oauth sso saml reset my me user users profile profiles customer customers"
    " abmelden deconnexion salir"
    # decisions about mail, and everything that a link in a mail confirms
    " subscribe unsubscribe optin optout confirm confirmation verify verification activate activation deactivate"
    " invite invitation accept approve reject decline abbestellen desinscription"
    # shops
    " cart carts basket checkout order orders pay payment payments purchase buy warenkorb kasse bestellen panier commande"
    " carrito pedido wishlist coupon"
    # changes
    " add insert create save store update upgrade edit change post submit send delete del remove destroy drop trash"
    " cancel undo rename import export upload install setup migrate publish unpublish enable disable toggle"
    " lock unlock ban vote rate rating like unlike follow unfollow flag mute loeschen supprimer eliminar"
    # machinery
    " admin administrator wp-admin cron wpcron exec execute worker webhook webhooks hook hooks callback trigger"
    " stop restart shutdown reboot purge flush clear clean cleanup rebuild reindex sync refresh backup restore dump"
    " xmlrpc rpc cgi phpmyadmin adminer installer debug track tracking click pixel beacon counter redirect".split()
)
_SECRET = frozenset(
    "token tok key apikey nonce csrf xsrf sid sess session sessionid phpsessid jsessionid sig signature hash hmac secret code"
    " state otp pin jwt bearer email mail user userid username uid uuid login phone name ref utm gclid fbclid id_token"
    " q s query search term keyword keywords action do op cmd act mode method func function task".split()
)
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{16,}")
_DIGITS = re.compile(r"\d{9,}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-")
_RUN = re.compile(r"[A-Za-z0-9+=]{20,}")
_KINDS = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"))
_HIDDEN = re.compile(r"/(?:\.|%2[eE])")  # also what climbs, and challenges below /.well-known/
_ESCAPED = re.compile(r"%(?:00|0[0-9A-Fa-f]|1[0-9A-Fa-f]|40|22|27|3[cCeE]|5[cC]|7[fF])")


def fit(target: str, exclude: Iterable[str] = ()) -> bool:
    """Whether `target` (a path, perhaps with a query) may be asked for again; `exclude` are paths, or prefixes with /*."""
    path, _, query = target.partition("?")
    return (
        len(target) <= _LONGEST
        and _PLAIN.match(path) is not None
        and not path.startswith(("//", "/server-"))
        and _HIDDEN.search(path) is None
        and _ESCAPED.search(path) is None
        and ("?" not in target or _QUERY.match(query) is not None)
        and not _does_something(path, query)
        and not _is_somebodys(path, query)
        and not any(covers(pattern, path) for pattern in exclude)
    )


def covers(pattern: str, path: str) -> bool:
    """Whether `pattern` is `path`, or with /* at its end the beginning of it."""
    if pattern.endswith("/*"):
        return path.startswith(pattern[:-1]) or path == pattern[:-2]
    return path == pattern


def _does_something(path: str, query: str) -> bool:
    return any(word in _DOING for word in _words(path + " " + query))


def _words(text: str) -> set[str]:
    """The words of an address, those with a hyphen also as one: `/wp-cron.php` has wp, cron, php and wp-cron."""
    low = text.lower()
    return {*_WORDS.findall(low), *re.findall(r"[a-z]+(?:-[a-z]+)+", low)}


def _is_somebodys(path: str, query: str) -> bool:
    names = {part.partition("=")[0] for part in query.split("&")}
    return bool(names & _SECRET) or any(_is_opaque(part) for part in re.split(r"[/?&=.]", path + "?" + query))


def _is_opaque(part: str) -> bool:
    """Digits of a key, a session, or a number that is one person's; words with hyphens between are none."""
    if _HEXADECIMAL.search(part) or _DIGITS.search(part) or _UUID.search(part):
        return True
    if any(_KINDS[2].search(run) for run in _RUN.findall(part)):
        return True
    return len(part) >= 20 and all(kind.search(part) for kind in _KINDS)
