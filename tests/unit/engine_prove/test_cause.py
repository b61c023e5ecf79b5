"""From a log line that only a machine likes to the one that tells a person what to repair."""

from __future__ import annotations

from plugins.module_utils.evenkeel.cause import by_site, explain, tidy
from plugins.module_utils.evenkeel.refusal import refusal
from plugins.module_utils.evenkeel.verdict import Failure

HEAD = "[Sun Nov 22 16:58:20.890650 2026] [proxy_fcgi:error] [pid 755:tid 139] [blog.example] [client 127.0.0.1:4] "
FATAL = (
    HEAD + "AH01071: Got error 'PHP message: PHP Fatal error:  Uncaught Error: Failed opening required "
    "'/etc/evenkeel/releases/0123456789ab/settings/blog/class-wp-locale.phpp' (include_path='.:/usr/share/php') in "
    "/etc/evenkeel/releases/0123456789ab/settings/blog/wp-settings.php:156\\nStack trace:\\n#0 {main}\\n  thrown', referer: x"
)
DENIED = HEAD.replace("proxy_fcgi", "authz_core") + "AH01630: client denied by server configuration: /srv/www/blog/public/.git"
FRONT = Failure("blog", "status", "answered 500", "200", "front page", "blog.example/", 500)


def cause(manifest, *lines, failure=FRONT, remarks=()):
    return explain([failure], by_site(lines, manifest, remarks))[0].cause


def test_a_fatal_error_is_told_with_the_file_as_the_operator_knows_it():
    assert tidy(FATAL) == (
        "PHP Fatal error: Uncaught Error: Failed opening required 'settings/blog/class-wp-locale.phpp' "
        "in settings/blog/wp-settings.php:156"
    )


def test_of_several_messages_in_one_line_the_fatal_one_is_told():
    warned = FATAL.replace("Got error '", "Got error 'PHP message: PHP Warning:  require(x): Failed to open stream; ")
    assert tidy(warned) == tidy(FATAL)


def test_the_words_of_a_php_worker_are_told_without_its_master():
    line = '[22-Nov-2026 16:58:20] WARNING: [pool blog] child 7 said into stderr: "NOTICE: PHP message: PHP Parse error:  x"'
    assert tidy(line) == "PHP Parse error: x"


def test_a_site_gets_its_own_lines_each_once(manifest):
    assert cause(manifest, FATAL, FATAL, FATAL.replace("[blog.example]", "[docs.example]")) == (tidy(FATAL),)


def test_a_pool_of_fpm_leads_to_its_site(manifest):
    assert cause(manifest, "[22-Nov-2026 16:58:20] WARNING: [pool blog] child 7 exited on signal 11")


def test_what_another_probe_caused_explains_no_answer(manifest):
    assert cause(manifest, DENIED + ", probe /.git/HEAD") == ()
    assert cause(manifest, DENIED + ", probe /.git/HEAD", FATAL + ", probe /") == (tidy(FATAL),)


def test_lines_of_the_probe_itself_come_before_those_of_nobody(manifest):
    other = FATAL.replace("class-wp-locale", "constants")
    assert cause(manifest, other, FATAL + ", probe /") == (tidy(FATAL),)


def test_a_line_of_no_probe_may_explain_any_answer(manifest):
    assert cause(manifest, FATAL) == (tidy(FATAL),)


def test_the_answer_of_another_vhost_is_not_explained_by_this_one(manifest):
    stolen = Failure("blog", "site", "was answered by site docs", probe="p", url="blog.example/")
    assert cause(manifest, FATAL, failure=stolen) == ()


def test_a_remark_on_the_configuration_comes_before_what_follows_from_it(manifest):
    remark = "apache2/sites/blog.conf:7: DocumentRoot /no does not exist"
    assert cause(manifest, DENIED, remarks=[("blog", remark)]) == (remark,)


def test_a_long_line_is_cut():
    assert len(tidy("x" * 5000)) <= 400


def test_a_syntax_error_names_file_line_and_site(manifest):
    output = (
        "AH00112: Warning: DocumentRoot [/x] does not exist\n"
        "AH00526: Syntax error on line 15 of /etc/evenkeel/current/apache2/sites/docs.conf:\nInvalid command 'Foo'\n"
    )
    failure = refusal("configtest", "Apache refuses the configuration", output, manifest)
    assert (failure.site, failure.cause) == ("docs", ("apache2/sites/docs.conf:15: Invalid command 'Foo'",))


def test_a_refused_pool_names_its_site(manifest):
    output = (
        "[22-Nov-2026 16:58:20] ERROR: [pool blog] cannot get uid for user 'blgo'\n"
        "[22-Nov-2026 16:58:20] ERROR: FPM initialization failed\n"
    )
    failure = refusal("configtest", "PHP-FPM 8.2 refuses the configuration", output, manifest)
    assert (failure.site, failure.cause) == ("blog", ("ERROR: [pool blog] cannot get uid for user 'blgo'",))


def test_a_refusal_of_the_pools_own_file_names_no_site(manifest):
    output = "AH00526: Syntax error on line 3 of /etc/evenkeel/current/apache2/apache2.conf:\nInvalid command 'Foo'\n"
    assert refusal("configtest", "Apache refuses", output, manifest).site is None
