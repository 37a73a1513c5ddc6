# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for fenceline. Commands and options come from fenceline's own help, so they are those that are installed.

# _fenceline_names vm|image: the names that this host's VMs have now, as their status pages tell.
_fenceline_names() {
    fenceline top --once --format json 2>/dev/null | awk -F'"' -v what="$1" '
        ($2 == "vm" || $2 == "image") && /{/ { inside = $2; pool = space = name = "" }
        inside && $2 == "pool" { pool = $4 "/" }
        inside && $2 == "namespace" && $4 != "" { space = $4 "/" }
        inside && $2 == "name" { name = $4 }
        inside && /}/ {
            if (inside == what && name != "")
                print what == "vm" ? name : pool space name
            inside = ""
        }'
}

# _fenceline_formats COMMAND: what its --format takes.
_fenceline_formats() {
    case $1 in
    timeline) fenceline timeline --help 2>/dev/null | sed -n '/^Formats:/,/^$/s/^  \([a-z]*\): .*/\1/p' ;;
    snaps) echo text json html ;;
    *) echo text json ;;
    esac
}

_fenceline() {
    local cur prev words cword
    _init_completion -n = || return
    local command=${words[1]}
    if [ "$cword" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(fenceline help 2>/dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p') --help --version" -- "$cur")
        return
    fi
    # Behind -- stands another command with arguments of its own.
    local i
    for ((i = 2; i < cword; i++)); do
        if [ "${words[i]}" = -- ]; then
            _command_offset $((i + 1))
            return
        fi
    done
    case $cur in
    --*=*) prev=${cur%%=*} cur=${cur#*=} ;;
    esac
    case $prev in
    --format | -f)
        mapfile -t COMPREPLY < <(compgen -W "$(_fenceline_formats "$command")" -- "$cur")
        return
        ;;
    --profile | -p) [ "$command" = snaps ] || {
        mapfile -t COMPREPLY < <(compgen -W "incident full" -- "$cur")
        return
    } ;;
    --buffers)
        mapfile -t COMPREPLY < <(compgen -W "pid uid" -- "$cur")
        return
        ;;
    --vm | -v)
        mapfile -t COMPREPLY < <(compgen -W "$(_fenceline_names vm)" -- "$cur")
        return
        ;;
    --image | -i)
        mapfile -t COMPREPLY < <(compgen -W "$(_fenceline_names image)" -- "$cur")
        return
        ;;
    --pid)
        _pids
        return
        ;;
    esac
    if [[ $cur == -* ]]; then
        local asked=("$command")
        [[ $command != record || ! ${words[2]} =~ ^(daemon|window)$ ]] || asked+=("${words[2]}")
        mapfile -t COMPREPLY < <(compgen -W "$(fenceline "${asked[@]}" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)" -- "$cur")
        return
    fi
    case $command in
    record) [ "$cword" = 2 ] && mapfile -t COMPREPLY < <(compgen -W "start stop status snapshot daemon window" -- "$cur") ;;
    integrate) mapfile -t COMPREPLY < <(compgen -W "libvirt cinder nova rbd kolla proxmox all" -- "$cur") ;;
    preflight | guard | unlock) mapfile -t COMPREPLY < <(compgen -W "$(_fenceline_names image)" -- "$cur") ;;
    esac
    [ ${#COMPREPLY[@]} -gt 0 ] || _filedir
} && complete -F _fenceline fenceline
