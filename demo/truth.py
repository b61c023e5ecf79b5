"""A copy of the example's inventory, and the five changes people make to it."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from .fleet import CHECKOUT, DemoFailed

EXAMPLE = CHECKOUT / "inventories" / "example"

STOCK_PAGE = """<?php
// What is on the shelves, for the people behind the counter.
$lines = file(dirname($_SERVER['DOCUMENT_ROOT']) . '/stock/levels.csv', FILE_IGNORE_NEW_LINES);
if ($lines === false) {
    throw new RuntimeException('The stock levels cannot be read');
}
echo "<h1>In stock</h1>\\n<pre>", htmlspecialchars(implode("\\n", $lines)), "</pre>\\n";
"""
STOCK_PROBE = """probes:
  - name: stock levels
    path: /stock.php
    expect:
      contains: In stock
"""


class Truth:
    """`folder` is made anew from the example; `good` keeps every file as it should be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._good: dict[Path, str] = {}

    @property
    def hosts(self) -> Path:
        return self.folder / "hosts.yml"

    @property
    def certificates(self) -> Path:
        return self.folder / "certs"

    @property
    def certificate(self) -> Path:
        """What visitors trust: it names all sites, and playbooks/certificate.yml has made it."""
        return self.certificates / "self-signed.pem"

    @property
    def vault_password(self) -> Path:
        return self.folder / "demo-vault-password"

    def copy(self) -> None:
        """Anew from the example; the certificates of an earlier copy stay, since nothing else about them would change."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            if old != self.certificates:
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        shutil.copytree(EXAMPLE, self.folder, dirs_exist_ok=True)
        self._good.clear()

    def place(self, shared: str, visitors: str, database: str) -> None:
        """The addresses of the test bed, instead of the documentation's; they stay, for they are no change to a fleet.

        The balancers share `shared` and tell `visitors` who answered. The database is reached without asking for its name,
        because the test bed's name server misses questions while another host starts.
        """
        self._replace("group_vars/edge/evenkeel.yml", "[192.0.2.80/24]", f"[{shared}/24]\n  trusted_probers: [{visitors}]")
        self._replace("sites/blog/site.yml", "db_host: db1", f"db_host: {database}")
        self._replace("sites/api/site.yml", "http://db1:", f"http://{database}:")
        self.keep()

    def manage(self, path: str, content: str) -> None:
        """From now on the truth has this settings file, too."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")

    def keep(self) -> None:
        """What was edited since is how it should be from now on."""
        self._good.clear()

    def put_back(self) -> None:
        """Undo every edit since the copy was made; files that did not exist go again."""
        for file, content in self._good.items():
            if content:
                file.write_text(content, encoding="utf-8")
            else:
                file.unlink(missing_ok=True)
        self._good.clear()

    def wrong_extension(self) -> None:
        """The founding incident: one letter too many."""
        self._replace("sites/blog/settings/wp-settings.php", "/class-wp-locale.php'", "/class-wp-locale.phpp'")

    def stock_page(self) -> None:
        """A page that reads a folder which somebody hid from the live server of one host."""
        self._write("sites/shop/settings/stock.php", STOCK_PAGE)
        self._replace("sites/shop/site.yml", "probes:\n", STOCK_PROBE)

    def cache_for(self, seconds: int) -> None:
        """Harmless: brochures may be kept a little longer."""
        self._replace("sites/brochure/site.yml", "max-age=300", f"max-age={seconds}")

    def notice(self, text: str) -> None:
        """An ordinary good change: the shop tells its customers something."""
        self._replace("sites/shop/settings/config.php.j2", "return [\n", f"return [\n    'notice' => '{text}',\n")

    def members(self, group: str) -> list[str]:
        """The hosts of a group, as the inventory has them now."""
        return list(yaml.safe_load(self.hosts.read_text(encoding="utf-8"))[group]["hosts"])

    def add_host(self, group: str, host: str) -> None:
        """One more line in the inventory."""
        lines = self.hosts.read_text(encoding="utf-8").splitlines(keepends=True)
        at = lines.index(f"{group}:\n") + 2  # below `hosts:`
        self._write("hosts.yml", "".join([*lines[:at], f"    {host}:\n", *lines[at:]]))

    def _replace(self, path: str, old: str, new: str) -> None:
        content = (self.folder / path).read_text(encoding="utf-8")
        if content.count(old) != 1:
            raise DemoFailed(f"{path} should contain {old!r} once; has the example changed?")
        self._write(path, content.replace(old, new))

    def _write(self, path: str, content: str) -> None:
        file = self.folder / path
        self._good.setdefault(file, file.read_text(encoding="utf-8") if file.exists() else "")
        file.write_text(content, encoding="utf-8")
