#!/bin/sh
# Types and style of the browser's code, by the tools pinned in tests/assets/package-lock.json.
# Where npm cannot bring them this is said and passed over, unless KIRCHHOFF_REQUIRE names node.
set -u
cd "$(dirname "$0")/assets" || exit 1

pass_over() {
    echo "Types and style of the browser's code were not checked: $1."
    case " ${KIRCHHOFF_REQUIRE:-} " in
    *" node "*) exit 1 ;;
    *) exit 0 ;;
    esac
}

command -v npm >/dev/null || pass_over "npm is not installed"
# npm writes this file last; a copy older than the lock file holds other versions.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    npm ci --silent --no-audit --no-fund --no-update-notifier || pass_over "npm could not fetch its tools"
fi
exec npm run --silent check
