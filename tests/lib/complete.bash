#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a real bash with bash-completion offers for the last word. usage: complete.bash COMPLETION-FILE WORD...
bash --norc -c '
    compopt() { :; } # the builtin wants bash itself to be completing; bash-completion of trixie and later stops where it fails
    . /usr/share/bash-completion/bash_completion
    . "$1"; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
    _fenceline && printf "%s\n" "${COMPREPLY[@]}"' bash "$@" 2>&1
