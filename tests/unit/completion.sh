#!/bin/bash
# SPDX-License-Identifier: MIT
# Completion in a real bash with bash-completion, and in a real zsh where there is one: commands, options, words.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
failed=0
[ -r /usr/share/bash-completion/bash_completion ] || { echo "needs the package bash-completion"; exit 77; }

# complete_words WORD…: what the shell offers for the last word.
complete_words() {
	if [ "$shell" = bash ]; then
		PATH=$build/bin:$PATH bash "$root/tests/lib/complete.bash" "$root/tools/completion/fenceline.bash" "$@"
	else
		PATH=$build/bin:$PATH zsh -f "$root/tests/lib/complete.zsh" "$root/tools/completion" "$*"
	fi
}
offers() { # EXPECTED WORD…
	local expected=$1
	shift
	complete_words "$@" | grep -qx -- "$expected" || { echo "FAIL: in $shell '$*' does not offer $expected: $(complete_words "$@" | tr '\n' ' ')"; failed=1; }
}
cd "$root" || exit 1
for shell in bash zsh; do
	command -v "$shell" > /dev/null || { echo "skipped: no zsh here; tests/deploy has one"; continue; }
	offers incidents fenceline inc
	offers timeline fenceline ""
	offers --watch-timeout fenceline incidents --wa
	offers perfetto fenceline timeline --format pe
	offers libvirt fenceline integrate li
	offers start fenceline record st
	offers --keep fenceline record daemon --kee
	offers --before fenceline record window --bef
	offers README.md fenceline incidents READ
	offers chroot fenceline run -- chroo
done
exit $failed
