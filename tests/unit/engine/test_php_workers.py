"""Who works for PHP, without asking PHP."""

from __future__ import annotations

from pathlib import Path

from plugins.module_utils.evenkeel import php_workers
from plugins.module_utils.evenkeel.metrics import Workers
from plugins.module_utils.evenkeel.paths import Paths


def process(
    root: Path, pid: int, title: str, exe: str = "/usr/sbin/php-fpm8.2", cgroup: str = "0::/system.slice/x.service"
) -> None:
    folder = root / "proc" / str(pid)
    folder.mkdir(parents=True)
    (folder / "cmdline").write_bytes(title.encode())
    (folder / "cgroup").write_text(cgroup + "\n")
    (folder / "exe").symlink_to(exe)


def pool(root: Path, path: str, most: int) -> None:
    file = root / "etc/evenkeel/current/php" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[x]\npm = ondemand\npm.max_children = {most}\npm.max_requests = 500\n")


def test_workers_are_counted_by_version_and_pool(tmp_path: Path) -> None:
    for pid in (10, 11):
        process(tmp_path, pid, "php-fpm: pool blog" + " " * 40 + "\0")
    process(tmp_path, 12, "php-fpm: pool blog\0", exe="/usr/sbin/php-fpm8.4 (deleted)")
    process(tmp_path, 13, "php-fpm: pool shop")
    pool(tmp_path, "8.2/pool.d/blog.conf", 5)
    pool(tmp_path, "8.2/dedicated/shop.conf", 6)
    assert php_workers.running(Paths(str(tmp_path))) == (
        Workers("8.2", "blog", 2, 5),
        Workers("8.2", "shop", 1, 6),
        Workers("8.4", "blog", 1, 0),
    )


def test_masters_twins_and_imitations_are_no_workers(tmp_path: Path) -> None:
    process(tmp_path, 10, "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)")
    process(tmp_path, 11, "php-fpm: pool blog", cgroup="0::/system.slice/system-evenkeel\\x2dtwin.slice/evenkeel-twin@1.service")
    process(tmp_path, 12, "php-fpm: pool blog", exe="/home/mallory/php")
    process(tmp_path, 13, 'php-fpm: pool x"} 1\nevenkeel_confirmed 1')
    process(tmp_path, 14, "php-fpm: pool ../../etc")
    (tmp_path / "proc/15").mkdir()
    assert php_workers.running(Paths(str(tmp_path))) == ()
