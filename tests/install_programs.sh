#!/bin/sh
# Installs Debian packages that pip cannot bring, where they are missing and apt can be used.
# Usage: install_programs.sh PACKAGE...
set -u
missing=""
for package in "$@"; do
    case $package in
    nodejs) command -v node >/dev/null || missing="$missing $package" ;;
    python3-venv) missing="$missing $package" ;; # asked for only when it is missing
    *) command -v "$package" >/dev/null || missing="$missing $package" ;;
    esac
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "Not installed, and there is no apt here:$missing"
    exit 0
fi
root=""
[ "$(id -u)" = 0 ] || root="sudo"
# shellcheck disable=SC2086
$root apt-get update -qq && $root apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    echo "apt could not install:$missing"
