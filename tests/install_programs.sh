#!/bin/sh
# Installs what the suite drives and pip cannot bring: chromium, ngspice and node, where apt can.
set -u
missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v ngspice >/dev/null || missing="$missing ngspice"
command -v node >/dev/null || missing="$missing nodejs"
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "without apt:$missing not installed; the tests that need them are skipped"
    exit 0
fi
root=""
[ "$(id -u)" = 0 ] || root="sudo"
$root apt-get update -qq && $root apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    echo "apt could not install:$missing; the tests that need them are skipped"
