# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The lab's hosts: a network namespace each, with a cable of its own to the storage node (the lab's own namespace), so that
# one host alone can be cut off.

LAB_STORAGE_IP=10.99.0.1

# host_add NAME: gives it 10.99.N.2, N counting from 1.
host_add() {
    local name=$1 n
    [ ! -e "/run/netns/$name" ] || return 0
    n=$(($(ip netns list | wc -l) + 1))
    ip netns add "$name"
    ip link add "to-$name" type veth peer name eth0 netns "$name"
    ip address add "10.99.$n.1/24" dev "to-$name"
    ip link set "to-$name" up
    on_host "$name" ip link set lo up
    on_host "$name" ip address add "10.99.$n.2/24" dev eth0
    on_host "$name" ip link set eth0 up
    on_host "$name" ip route add "$LAB_STORAGE_IP" via "10.99.$n.1"
}

# on_host NAME COMMAND…
on_host() {
    local name=$1
    shift
    nsenter --net="/run/netns/$name" -- "$@"
}

# host_address NAME: 10.99.N.2
host_address() {
    on_host "$1" ip -4 -o address show dev eth0 | sed -n 's/.* inet \([0-9.]*\)\/.*/\1/p'
}
