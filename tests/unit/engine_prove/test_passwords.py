"""A password file whose hashes Apache cannot read lets nobody in."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel import passwords
from plugins.module_utils.evenkeel.apache_config import ApacheConfig, Directive

NAME = "apache2/htpasswd/staff"


def told(manifest, tmp_path, monkeypatch, *lines):
    file = tmp_path / "staff"
    file.write_text("\n".join(lines) + "\n")
    manifest.files[NAME] = manifest.files["apache2/sites/docs.conf"]
    monkeypatch.setattr(passwords, "spell", lambda path: NAME)
    config = ApacheConfig((), (Directive("authuserfile", (str(file),), "/x.conf", 1, None),))
    return [place for place, _ in passwords.unreadable(config, manifest)]


@pytest.mark.parametrize(
    "said",
    [
        "$apr1$PhLKa3pH$IZMFQjiTqncdhp1GeJl2z/",
        "$2y$05$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "$5$rounds=5000$salt$" + "a" * 43,
        "$6$salt$" + "a" * 86,
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7",
        "rl0uE0C7Y6sXk",
        "!",
    ],
)
def test_what_apache_can_read_is_fine(manifest, tmp_path, monkeypatch, said):
    assert told(manifest, tmp_path, monkeypatch, "# staff", "", "ann:" + said) == []


@pytest.mark.parametrize(
    "said", ["$apr1$PhLKa3pH$IZMFQjiTqncdhp1Ge", "secret", "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "$2y$05$short"]
)
def test_a_hash_that_lets_nobody_in_is_told_with_its_line(manifest, tmp_path, monkeypatch, said):
    assert told(manifest, tmp_path, monkeypatch, "bob:rl0uE0C7Y6sXk", "ann:" + said) == [NAME + ":2"]
