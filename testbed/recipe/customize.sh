#!/bin/sh
# Runs once, when the image is baked, with the new root as its only argument: makes a bare host out of many packages.
set -eu
root=$1

# Installed is not enabled: a role that enables a service is the one that starts it.
for unit in apache2 mariadb haproxy keepalived 'php*-fpm' apache-htcacheclean 'prometheus*'; do
    for file in "$root"/lib/systemd/system/$unit.service; do
        [ -e "$file" ] && chroot "$root" systemctl disable --quiet "$(basename "$file")" 2>/dev/null
    done
done

# Background work would change a measured host behind the measurement's back; consoles and kernel modules it has none.
chroot "$root" systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer dpkg-db-backup.timer \
    getty@tty1.service console-getty.service systemd-modules-load.service 2>/dev/null
chroot "$root" systemctl disable --quiet phpsessionclean.timer 2>/dev/null
chroot "$root" systemctl enable --quiet ssh.service 2>/dev/null

# Applications come as files; what Debian's packages hang into Apache on their own is taken out again.
for name in dokuwiki adminer wordpress; do
    rm -f "$root/etc/apache2/conf-enabled/$name.conf"
done
rm -f "$root/etc/apt/preferences.d/evenkeel-testbed"

# Each host makes its own identity when it first starts.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id"
: > "$root/etc/machine-id"
mkdir -p "$root/etc/systemd/system/ssh.service.d"
cat > "$root/etc/systemd/system/ssh.service.d/identity.conf" <<'EOF'
[Service]
ExecStartPre=
ExecStartPre=/bin/sh -c 'test -s /etc/ssh/ssh_host_ed25519_key || ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key'
ExecStartPre=/usr/sbin/sshd -t
EOF
cat > "$root/etc/ssh/sshd_config.d/testbed.conf" <<'EOF'
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
UseDNS no
MaxStartups 100:30:200
EOF

chroot "$root" useradd --create-home --shell /bin/bash --groups sudo ops
echo 'ops ALL=(ALL:ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/ops"
chmod 0440 "$root/etc/sudoers.d/ops"
