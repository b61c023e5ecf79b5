"""What `php-fpm -t` accepts and a master dies of, or a pool vanishes by."""

from __future__ import annotations

import pytest

from plugins.module_utils.evenkeel.pools import check_pools, parse, pool_files

POOL = '[blog]\nuser = blog\nlisten = /run/php/blog.sock\nphp_admin_value[memory_limit] = "64M"\n'
SHOP = "[shop]\nuser = shop\nlisten = /run/php/shop.sock\n"
FILE = "php/8.2/pool.d/blog.conf"


def check(manifest, text=POOL, is_folder=lambda path: path == "/run/php", **files):
    texts = {FILE: text, "php/8.2/dedicated/shop.conf": SHOP, **files}
    pools = [pool for file, content in texts.items() for pool in parse(file, content)]
    return [(failure.site, failure.got) for failure in check_pools(pools, manifest, is_folder)]


def test_a_pool_is_read_with_its_entries():
    pool = next(parse(FILE, "; banner\n[global]\npid = /x\n" + POOL))
    assert (pool.name, pool.listen, pool.place) == ("blog", "/run/php/blog.sock", FILE + ":4")
    assert pool.entries["php_admin_value[memory_limit]"] == "64M"


def test_good_pools_are_no_failure(manifest):
    assert check(manifest) == []


def test_a_pool_whose_queue_has_no_room_is_refused(manifest):
    assert check(manifest, POOL + "listen.backlog = 1\n") == [("blog", "the pool at %s:1 lets 1 visitors wait" % FILE)]
    assert check(manifest, POOL + "listen.backlog = -1\n") == []


@pytest.mark.parametrize("line", ["listen.mode = 0666", "security.limit_extensions =", "security.limit_extensions = .php .jpg"])
def test_a_pool_that_runs_other_people_s_code_is_refused(manifest, line):
    assert [site for site, _ in check(manifest, POOL + line + "\n")] == ["blog"]


@pytest.mark.parametrize("line", ["listen.mode = 0660", "security.limit_extensions = .php .phtml"])
def test_a_pool_that_runs_programs_is_fine(manifest, line):
    assert check(manifest, POOL + line + "\n") == []


@pytest.mark.parametrize("user", ["root", "0", ""])
def test_a_pool_of_root_is_refused(manifest, user):
    assert check(manifest, POOL.replace("user = blog", "user = " + user))[0][0] == "blog"


def test_an_injected_pool_is_the_fault_of_the_site_whose_file_holds_it(manifest):
    found = check(manifest, POOL + "[evil]\nuser = root\nlisten = /run/php/evil.sock\n")
    assert found == [("blog", "the pool at %s:5 runs as root" % FILE)]


def test_a_socket_in_a_folder_that_is_not_there_is_refused(manifest):
    found = check(manifest, POOL.replace("/run/php", "/run/phq"))
    assert found[0] == ("blog", "the pool at %s:1 listens on /run/phq/blog.sock, in a folder that does not exist" % FILE)


def test_a_port_in_place_of_a_socket_is_refused(manifest):
    assert check(manifest, POOL.replace("/run/php/blog.sock", "127.0.0.1:9000"))[0][0] == "blog"


def test_a_doubled_pool_name_is_refused(manifest):
    manifest.files["php/8.2/pool.d/other.conf"] = manifest.files["php/8.2/php-fpm.conf"]
    found = check(manifest, **{"php/8.2/pool.d/other.conf": POOL.replace("blog.sock", "other.sock")})
    assert found == [(None, "the pool blog stands at %s:1 and again at php/8.2/pool.d/other.conf:1" % FILE)]


def test_the_same_name_in_a_master_of_its_own_is_fine(manifest):
    assert check(manifest, **{"php/8.2/dedicated/x.conf": "[blog]\nuser = x\nlisten = /run/php/x.sock\n"}) == []


def test_a_doubled_socket_is_refused(manifest):
    found = check(manifest, POOL + "[two]\nuser = blog\nlisten = /run/php/blog.sock\n")
    assert "listen on the same socket" in found[0][1]


def test_a_pool_file_that_no_master_includes_is_missed(manifest):
    manifest.files["php/8.2/pool.d/blog.conff"] = manifest.files.pop(FILE)
    assert FILE + "f" not in pool_files(manifest)
    assert check(manifest, text="") == [("blog", "no pool file of the release listens on /run/php/blog.sock")]


@pytest.mark.parametrize(
    "line",
    [
        "php_admin_value[opcache.validate_timestamps] = 0",
        "php_value[opcache.enable] = Off",
        "php_flag[display_errors] = on",
        "php_admin_value[file_uploads] = Off",
        "php_admin_value[max_input_vars] = 10",
        "php_value[session.gc_maxlifetime] = 60",
        'php_admin_value[allow_url_include] = "1"',
    ],
)
def test_a_setting_that_hides_or_shows_too_much_is_refused(manifest, line):
    found = check(manifest, POOL + line + "\n")
    assert [site for site, _ in found] == ["blog"]
    assert line.split("[")[1].split("]")[0] in found[0][1]


@pytest.mark.parametrize(("served", "sites"), [("1", ["blog"]), ("19", ["blog"]), ("20", []), ("0", [])])
def test_a_process_serves_more_than_a_few_requests(manifest, served, sites):
    assert [site for site, _ in check(manifest, POOL + "pm.max_requests = %s\n" % served)] == sites


def test_settings_that_are_as_they_should_be_are_fine(manifest):
    assert check(manifest, POOL + "php_flag[display_errors] = off\nphp_admin_value[opcache.enable] = 1\n") == []
