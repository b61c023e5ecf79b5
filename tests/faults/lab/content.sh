#!/bin/sh
# What tenants uploaded themselves, and the application behind the proxy. Runs on a test host.
set -eu
cd /root/faults/content
for site in static app; do
  root=/srv/www/$site/public
  cp -a "$site/." "$root/"
  [ ! -d "$root/dot_git" ] || { rm -rf "$root/.git"; mv "$root/dot_git" "$root/.git"; }
  [ ! -e "$root/assets-real" ] || ln -sfn assets-real "$root/media"
  find "$root" -mindepth 1 ! -lname '/etc/evenkeel/*' -exec chown -h "$site:www-data" {} +
  find "$root" -mindepth 1 -type f -exec chmod 0640 {} +
  find "$root" -mindepth 1 -type d -exec chmod 2750 {} +
done
systemctl is-active -q faults-backend.service || systemd-run -q --unit=faults-backend --property=Restart=always \
  python3 /root/faults/content/backend.py api 9001
