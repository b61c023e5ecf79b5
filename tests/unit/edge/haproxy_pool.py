"""An HAProxy with one pool, as its runtime socket shows it."""

from __future__ import annotations

from tests.unit.edge.test_haproxy import HEADER

ADMIN = {"ready": 0, "maint": 1, "drain": 8}


class Pool:
    """`sick` servers fail their check, `busy` ones have so many requests under way, `counts` are (answers, 5xx)."""

    def __init__(self, *names: str) -> None:
        self.admin = dict.fromkeys(names, "ready")
        self.sick: set[str] = set()
        self.busy: dict[str, int] = {}
        self.counts: dict[str, tuple[int, int]] = {}

    def ask(self, command: str) -> str:
        if command.startswith("show servers state"):
            return "\n".join(["1", HEADER, *map(self._state, self.admin)])
        if command.startswith("show stat"):
            head = "# pxname,svname,qcur,scur,status,check_status,bck,hrsp_2xx,hrsp_5xx,eresp"
            return "\n".join([head, *map(self._stat, self.admin)])
        for part in command.split("; "):
            _, _, name, what, value = part.split()
            if what == "state":
                self.admin[name.split("/")[1]] = value
        return ""

    @property
    def out(self) -> list[str]:
        return sorted(name for name, state in self.admin.items() if state != "ready")

    def _state(self, name: str) -> str:
        return f"4 web 1 {name} 192.0.2.11 2 {ADMIN[self.admin[name]]} 1 1 29 15 3 3 6 0 0 0 - 80 - 0 0 - - 0"

    def _stat(self, name: str) -> str:
        well = name not in self.sick
        status = {"ready": "UP" if well else "DOWN", "drain": "DRAIN" if well else "DOWN", "maint": "MAINT"}[self.admin[name]]
        answered, failed = self.counts.get(name, (0, 0))
        return f"web,{name},0,{self.busy.get(name, 0)},{status},{'L7OK' if well else 'L4CON'},0,{answered},{failed},0"
