#!/bin/sh
# Installs or upgrades Whorl as a service from the checkout that this file lies in, with its node_modules (npm ci --omit=dev).
# Offline; may be run again at any time. State (/var/lib/whorl) and settings (/etc/whorl) are never touched. When the
# new version does not become ready, the one before is put back.
#
#   sudo systemd/install.sh [--root DIR]     DIR: install below it and start nothing (an image being built)
set -eu

root=
if [ "${1-}" = --root ]; then root=$(cd "$2" && pwd); fi
source=$(cd "$(dirname "$0")/.." && pwd)
target=$root/opt/whorl

fail() { echo "install: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || [ -n "$root" ] || fail 'must be run by root (sudo)'
[ -d "$source/node_modules/better-sqlite3" ] || fail "$source has no node_modules: run npm ci --omit=dev there first"
node --version >/dev/null || fail 'needs Node 20.18 or newer'

version=$(sed -n 's/^ *"version": "\(.*\)",/\1/p' "$source/package.json" | head -n 1)
mkdir -p "$root/opt" "$root/etc/whorl"

# The new version lies whole beside the old one before anything is replaced.
rm -rf "$target.new"
mkdir "$target.new"
for part in package.json device models calibration systemd README.md LICENSE node_modules tsconfig.json; do
  [ ! -e "$source/$part" ] || cp -a "$source/$part" "$target.new/"
done
chmod -R go-w "$target.new"

place() { mkdir -p "$root$(dirname "$2")"; install -m 0644 "$source/systemd/$1" "$root$2"; }
place whorl.service /etc/systemd/system/whorl.service
place whorl.sysusers /usr/lib/sysusers.d/whorl.conf
place 60-whorl-sensors.rules /etc/udev/rules.d/60-whorl-sensors.rules

rm -rf "$target.old"
[ ! -d "$target" ] || mv "$target" "$target.old"
mv "$target.new" "$target"
echo "whorl $version is in $target"
[ -z "$root" ] || exit 0

systemd-sysusers whorl.conf
udevadm control --reload && udevadm trigger
systemctl daemon-reload
systemctl enable whorl.service
if ! [ -e /etc/whorl/environment ] && ! [ -e /var/lib/whorl/config.json ]; then
  echo 'name sensor and door in /etc/whorl/environment (WHORL_SENSOR=…, WHORL_DOOR_BOARD=…), then: systemctl start whorl'
  exit 0
fi
# Returns when the terminal said that it is ready, or has failed.
if systemctl restart whorl.service; then
  rm -rf "$target.old"
  echo 'whorl is ready'
  exit 0
fi
systemctl status --no-pager whorl.service >&2 || true
[ -d "$target.old" ] || fail 'the terminal did not become ready; see journalctl -u whorl'
rm -rf "$target.failed"
mv "$target" "$target.failed"
mv "$target.old" "$target"
cp "$target/systemd/whorl.service" /etc/systemd/system/whorl.service
systemctl daemon-reload
systemctl restart whorl.service || fail 'neither the new version nor the one before becomes ready; see journalctl -u whorl'
fail "the new version did not become ready: the one before runs again, the new one lies in $target.failed"
