"""Apache's dumps, as Apache 2.4 prints them."""

from __future__ import annotations

from plugins.module_utils.evenkeel.apache_config import parse, words

DUMP = r"""VirtualHost configuration:
10.0.0.1:8081          is a NameVirtualHost
         default server c.example (/etc/evenkeel/current/apache2/sites/c.conf:16)
         port 8081 namevhost c.example (/etc/evenkeel/current/apache2/sites/c.conf:16)
         port 8081 namevhost d.example (/etc/evenkeel/current/apache2/sites/c.conf:21)
127.0.0.1:8081         b.example (/etc/evenkeel/current/apache2/sites/b.conf:13)
*:61234                is a NameVirtualHost
         default server default.invalid (/etc/evenkeel/current/apache2/apache2.conf:13)
         port 61234 namevhost default.invalid (/etc/evenkeel/current/apache2/apache2.conf:13)
         port 61234 namevhost a.example (/etc/evenkeel/current/apache2/sites/a.conf:1)
                 alias www.a.example
                 wild alias *.x.example
# In file: /etc/evenkeel/current/apache2/apache2.conf
#   9:
Listen 127.0.0.1:61234
#  12:
ErrorLog "|/usr/bin/log \"a b\" c"
# In file: /etc/evenkeel/current/apache2/sites/a.conf
#   1:
<VirtualHost *:61234>
  #   2:
  ServerName a.example
  #   5:
  <Directory "/tmp">
    #   6:
    Require all granted
  </Directory>
</VirtualHost>
#  30:
Timeout 10
"""
LINES = DUMP.splitlines(keepends=True)


def test_every_vhost_is_read_with_its_address_names_and_place():
    vhosts = {vhost.name: vhost for vhost in parse(LINES).vhosts}
    assert set(vhosts) == {"a.example", "b.example", "c.example", "d.example", "default.invalid"}
    one = vhosts["a.example"]
    assert (one.address, one.port, one.line, one.default) == ("*", "61234", 1, False)
    assert (one.aliases, one.wild) == (("www.a.example",), ("*.x.example",))
    assert vhosts["b.example"].address == "127.0.0.1"


def test_the_default_server_is_known():
    assert {vhost.name for vhost in parse(LINES).vhosts if vhost.default} == {"b.example", "c.example", "default.invalid"}


def test_directives_carry_file_line_and_vhost():
    config = parse(LINES)
    granted = config.named("require")[0]
    assert (granted.words, granted.line) == (("all", "granted"), 6)
    assert granted.vhost == "/etc/evenkeel/current/apache2/sites/a.conf:1"
    assert config.named("timeout")[0].vhost is None


def test_quoted_arguments_are_one_word():
    assert parse(LINES).named("errorlog")[0].words == ('|/usr/bin/log "a b" c',)
    assert words('a "b c" \'d e\' f"g') == ["a", "b c", "d e", 'f"g']


def test_nothing_is_no_configuration():
    assert parse([]).vhosts == ()
