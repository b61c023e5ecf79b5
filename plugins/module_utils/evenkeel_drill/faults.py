"""The disasters of a drill as data: who is struck, by what means, and what visitors may notice.

The windows are promises. Each begins when the strike is complete; what was under way when it came may be lost, too.
"""

from __future__ import annotations

from dataclasses import dataclass

SLOW_S = 1.0  # an answer that takes longer has kept somebody waiting

# who is struck
WEB, EVERY_WEB, BALANCER, EVERY_BALANCER, CONTROLLER = "web", "every web", "balancer", "every balancer", "controller"
# by what means
POWER, ORDERS, PUSH = "power", "orders", "push"


@dataclass(frozen=True)
class Fault:
    """One disaster. All `_s` are seconds after the strike in which requests may begin that fare so.

    `get_s`: a GET fails. `post_s`: a POST fails. `slow_s`: an answer takes longer than SLOW_S. `undo_s`: either, once the
    fault is undone. `silence_s` is the longest time in which nobody gets a right answer. `why` gives the reasons.
    """

    name: str
    title: str
    strikes: str
    means: str
    why: str
    get_s: float = 0.0
    post_s: float = 0.0
    slow_s: float = 0.0
    undo_s: float = 0.0
    silence_s: float = 1.0
    lasts_s: float = 8.0
    own_site_only: bool = False


FAULTS = (
    Fault(
        "web_killed",
        "a web host loses its power",
        WEB,
        POWER,
        "Two checks take it out within two seconds; until then a connection that does not come about is made to another host. "
        "A form that the host was working on is nobody's to send again.",
        post_s=2.0,
        slow_s=2.0,
    ),
    Fault(
        "web_hung",
        "Apache of a web host hangs (SIGSTOP)",
        WEB,
        ORDERS,
        "It still takes connections, so that only silence tells: two checks of 0.6 s. GETs are then asked again elsewhere; "
        "forms that it took are lost.",
        post_s=3.0,
        slow_s=3.0,
    ),
    Fault(
        "php_killed",
        "PHP of a web host is killed",
        WEB,
        ORDERS,
        "Apache answers 503 by itself, and an answer is not asked again; two checks through PHP take the host out.",
        get_s=2.0,
        post_s=2.0,
        slow_s=2.0,
    ),
    Fault(
        "disk_full",
        "the engine's disk on a web host is full",
        WEB,
        ORDERS,
        "Visitors need no room on it. A push is refused, or taken back, which needs no room either.",
    ),
    Fault(
        "network_cut",
        "the network between a web host and the balancers is cut",
        WEB,
        ORDERS,
        "As a host without power, except that what it had begun to answer is noticed by silence only.",
        post_s=3.0,
        slow_s=3.0,
    ),
    Fault(
        "every_web_killed",
        "every active web host loses its power",
        EVERY_WEB,
        POWER,
        "Backups get visitors when the last active host has failed its second check; a retry before that meets a dead host.",
        get_s=2.0,
        post_s=2.0,
        slow_s=3.0,
        silence_s=2.0,
    ),
    Fault(
        "balancer_killed",
        "the balancer that has the address loses its power",
        BALANCER,
        POWER,
        "The other one misses three advertisements of 0.2 s and takes the address; connections through the dead one are gone, "
        "and a visitor whose first packet is lost repeats it after a second.",
        get_s=1.0,
        post_s=1.0,
        slow_s=2.0,
    ),
    Fault(
        "both_masters",
        "the balancers do not hear each other, so that both take the address",
        EVERY_BALANCER,
        ORDERS,
        "Both serve every site; the address moves to whoever announced it last, and connections of the other one end. It moves "
        "once more when they hear each other again.",
        get_s=1.0,
        post_s=1.0,
        slow_s=2.0,
        undo_s=1.0,
    ),
    Fault(
        "tenant_failing",
        "one tenant's application answers 500 for ever",
        EVERY_WEB,
        ORDERS,
        "The check asks Apache and PHP, not the tenants, so that no host is taken out for one of them. Its own visitors get "
        "errors, and for some seconds more, because PHP remembers pages.",
        undo_s=4.0,
        own_site_only=True,
    ),
    Fault(
        "bad_push",
        "somebody pushes a change that is wrong",
        CONTROLLER,
        PUSH,
        "It is refused before it is live.",
        lasts_s=0.0,
    ),
    Fault(
        "controller_killed",
        "the controller dies in the middle of a push",
        CONTROLLER,
        PUSH,
        "Hosts that were not told to keep the release go back by themselves, with reloads that lose nothing.",
        lasts_s=0.0,
    ),
)
BY_NAME = {fault.name: fault for fault in FAULTS}


def chosen(names: list[str]) -> list[Fault]:
    """The faults of these names in their order, or all; ValueError names one that does not exist."""
    unknown = [name for name in names if name not in BY_NAME and name != "all"]
    if unknown:
        raise ValueError("there is no fault %s; there are %s" % (", ".join(unknown), ", ".join(BY_NAME)))
    return list(FAULTS) if not names or "all" in names else [BY_NAME[name] for name in names]
