"""Who is measured: Evenkeel, a hand-written playbook of the usual kind, and a role of somebody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import truth as truths
from .bed import CHECKOUT
from .truth import Truth

_ACCOUNTS = "passwd shadow group gshadow"
_SERVICES = "apache2 php8.2-fpm"
_CLEAN = "/root/bench-clean.tar"

# Evenkeel's own state, and the accounts it makes: put back to what a host is that was provisioned and has no site yet.
_OURS_KEEP = f"""
sed -i '/^site[0-9]/d' $(for f in {_ACCOUNTS}; do echo /etc/$f; done)
tar -cf {_CLEAN} -C / etc/evenkeel var/lib/evenkeel $(for f in {_ACCOUNTS}; do echo etc/$f; done)
"""
_OURS_RESET = f"""
systemctl stop {_SERVICES} evenkeel-deadline.timer 2>/dev/null || true
rm -rf /etc/evenkeel /var/lib/evenkeel
find {truths.HOMES} -type l -delete
tar -xf {_CLEAN} -C /
: > /var/log/apache2/error.log
systemctl start {_SERVICES}
"""

_THEIRS_RESET = f"""
rm -f /etc/apache2/sites-enabled/* /etc/apache2/sites-available/sites.conf /etc/apache2/sites-available/vhosts.conf
rm -f /etc/php/8.2/fpm/pool.d/sites.conf
systemctl reset-failed {_SERVICES} 2>/dev/null || true
systemctl restart {_SERVICES}
"""
_THEIRS_KEEP = f"""
a2enmod -q headers rewrite proxy_fcgi setenvif
systemctl enable -q {_SERVICES}
apt-get update -qq
{_THEIRS_RESET}"""

# the peer takes care of Apache alone, so that its pools are there before
_POOLS = """
{
for s in %s; do printf '[%%s]\\nuser = www-data\\ngroup = www-data\\nlisten = /run/php/%%s.sock\\nlisten.owner = www-data
listen.group = www-data\\npm = ondemand\\npm.max_children = 5\\n' $s $s; done
} > /etc/php/8.2/fpm/pool.d/sites.conf
systemctl restart php8.2-fpm
"""

_FAIR = {"ANSIBLE_CONFIG": str(CHECKOUT / "bench/ansible.cfg")}


@dataclass(frozen=True)
class Contender:
    """One way to publish sites. `keep` runs once on a host, `reset` before each round; both are shell scripts."""

    name: str
    title: str
    first_host: int
    write: Callable[[Truth, Path], None]
    playbook: Path
    keep: str
    reset: str
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    balancers: tuple[str, ...] = ()  # in front of more than one host, which is then drained before it changes

    def edge(self, hosts: Sequence[str]) -> tuple[str, ...]:
        return self.balancers if len(hosts) > 1 else ()

    def hosts(self, count: int) -> list[str]:
        return [f"b{self.first_host + number}" for number in range(count)]

    def all_hosts(self, count: int) -> list[str]:
        return [*self.hosts(count), *self.edge(self.hosts(count))]

    def prepared(self, truth: Truth) -> str:
        """What must be on a host before the first push, beyond `reset`."""
        if self.name != "peer":
            return ""
        return _POOLS % " ".join(site for site in truth.sites if truths.is_php(site))


def evenkeel(build: Path, batches: str, soak_s: int) -> Contender:
    """`soak_s`, in seconds after each batch, is time that somebody asks for; an environment that says nothing gets 20."""
    sizes = ("-e", f"batches={batches}") if batches else ()
    return Contender(
        "evenkeel",
        "Evenkeel",
        1,
        truths.write_ours,
        CHECKOUT / "playbooks/push.yml",
        _OURS_KEEP,
        _OURS_RESET,
        ("-e", f"rollout_build_dir={build}", "-e", f"soak_s={soak_s}", *sizes),
        {"ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg")},
        ("be1", "be2"),
    )


def hand() -> Contender:
    playbook = CHECKOUT / "bench/hand/playbook.yml"
    return Contender("hand", "hand-written playbook", 11, truths.write_hand, playbook, _THEIRS_KEEP, _THEIRS_RESET, (), _FAIR)


def peer(role: Path) -> Contender:
    playbook = CHECKOUT / "bench/peer/playbook.yml"
    environment = {**_FAIR, "ANSIBLE_ROLES_PATH": str(role.parent)}
    arguments = ("-e", f"peer_role={role.name}")
    return Contender("peer", role.name, 21, truths.write_peer, playbook, _THEIRS_KEEP, _THEIRS_RESET, arguments, environment)
