# What the tenant does: bring DokuWiki's files. Debian's package points to system folders; a tenant's copy to its own.
set -eu
public=/srv/www/wiki/public
cp -rL --no-clobber /usr/share/dokuwiki/. "$public/" 2>/dev/null || true
cp -rL --no-clobber /var/lib/dokuwiki/lib/. "$public/lib/" 2>/dev/null || true
cp -r /var/lib/dokuwiki/data "$public/"
mkdir -p "$public/conf"
cp -rL --no-clobber /etc/dokuwiki/. "$public/conf/" 2>/dev/null || true
rm -f "$public/install.php" "$public/.htaccess"
grep -rlE '/(etc|var/lib)/dokuwiki' "$public/inc" | xargs sed -i "s#/etc/dokuwiki#$public/conf#g; s#/var/lib/dokuwiki#$public#g"
printf '====== Harbour ======\n' > "$public/data/pages/start.txt"
printf 'Require all denied\n' > "$public/data/.htaccess"
chown -R wiki:www-data "$public"
chmod -R g+rX "$public"
