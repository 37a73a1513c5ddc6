#!/usr/bin/env zsh
# SPDX-License-Identifier: MIT
# What a real, interactive zsh with its completion system offers when TAB is pressed behind a line, one match a line.
# usage: zsh -f complete.zsh FOLDER-OF-_fenceline LINE
zmodload zsh/zpty || exit 77
folder=$1 text=$2
out=$(mktemp -d)
cat >$out/rc <<RC
PROMPT= RPROMPT=
fpath=($folder \$fpath)
autoload -Uz compinit
compinit -u -d $out/dump
zstyle ':completion:*' menu no
bindkey '^I' complete-word
compadd() { # what is offered goes to a file, and on to zsh
    local -a hits
    builtin compadd -A hits "\$@"
    print -rl -- \$hits >>$out/hits
    builtin compadd "\$@"
}
comppostfuncs=(finished)
finished() { : >$out/finished }
: >$out/ready
RC
zpty shell zsh -f -i
zpty -w shell "source $out/rc"
for ((i = 0; i < 300; i++)); do [[ -e $out/ready ]] && break; sleep 0.1; done
[[ -e $out/ready ]] || { print "zsh does not start" >&2; exit 1 }
zpty -w -n shell "$text"$'\t'
for ((i = 0; i < 300; i++)); do [[ -e $out/finished ]] && break; sleep 0.1; zpty -r -t shell said 2>/dev/null; done
zpty -d shell
[[ -s $out/hits ]] && sed '/^$/d' $out/hits
rm -rf $out
