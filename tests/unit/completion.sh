#!/bin/bash
# SPDX-License-Identifier: MIT
# Completion in a real bash with bash-completion, and in a real zsh where there is one: commands, options, words.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${FENCELINE_BUILD:-$root/build}
failed=0
[ -r /usr/share/bash-completion/bash_completion ] || { echo "needs the package bash-completion"; exit 77; }

# complete WORD…: what bash offers for the last word.
complete_words() {
	PATH=$build/bin:$PATH bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		. "$1"; shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
		_fenceline && printf "%s\n" "${COMPREPLY[@]}"' bash "$root/tools/completion/fenceline.bash" "$@" 2>&1
}
offers() { # EXPECTED WORD…
	local expected=$1
	shift
	complete_words "$@" | grep -qx -- "$expected" || { echo "FAIL: '$*' does not offer $expected: $(complete_words "$@" | tr '\n' ' ')"; failed=1; }
}
offers incidents fenceline inc
offers timeline fenceline ""
offers --watch-timeout fenceline incidents --wa
offers perfetto fenceline timeline --format pe
offers libvirt fenceline integrate li
offers start fenceline record st
cd "$root" && offers README.md fenceline incidents READ
exit $failed
