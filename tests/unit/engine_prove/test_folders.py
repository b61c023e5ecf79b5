"""Apache must be able to walk down to every document root."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.folders import check_folders

LINES = """# Managed by Evenkeel: the folders of each site.
d /srv/www 0755 root root -
d /srv/www/docs %s docs www-data -
d /srv/www/docs/public %s docs %s -
"""


def told(manifest, home="0750", root="2750", group="www-data"):
    return [(failure.site, failure.got) for failure in check_folders(LINES % (home, root, group), manifest)]


def test_the_folders_of_the_compiler_are_fine(manifest):
    assert told(manifest) == []


@pytest.mark.parametrize("rights", [{"home": "0700"}, {"root": "0700"}, {"root": "2710"}, {"root": "2750", "group": "docs"}])
def test_a_folder_that_apache_cannot_enter_is_refused_with_its_line(manifest, rights):
    ((site, got),) = told(manifest, **rights)
    assert site == "docs"
    assert got.startswith("tmpfiles.d/evenkeel.conf:")


def test_a_folder_that_everybody_may_read_is_fine(manifest):
    assert told(manifest, root="0755", group="docs") == []
