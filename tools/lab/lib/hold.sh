# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Holding back what a host sends to the OSDs, pings first of all. The monitors stay reachable, and so does everybody else.

# toward_osd HOST RULE: what happens to packets on their way to an OSD; replaces what was told before.
toward_osd() {
    on_host "$1" nft -f - <<NFT
table ip hold
delete table ip hold
table ip hold {
    chain toward_osd {
        type filter hook output priority 0;
        ip daddr $LAB_STORAGE_IP tcp dport $LAB_OSD_PORTS $2
    }
}
NFT
}

# hold_osd HOST
hold_osd() {
    toward_osd "$1" drop
}

# release_osd HOST: TCP then sends again what was held back, so it arrives late, but it arrives.
release_osd() {
    on_host "$1" nft delete table ip hold
}

# drop_osd HOST: ends the connections that were held, so what waited in them is lost for good, as when a firewall or a switch
# forgets its state; then lets new connections through.
drop_osd() {
    local ports
    ports=$(osd_connections "$1" | paste -sd,)
    if [ -n "$ports" ]; then
        toward_osd "$1" "tcp sport { $ports } reject with tcp reset"
        wait_until 60 "the held connections of $1 to end" osd_connections_gone "$1" "$ports"
    fi
    release_osd "$1"
}

# The local ports of a host's connections to OSDs, one a line.
osd_connections() {
    on_host "$1" ss -tnH state established dst "$LAB_STORAGE_IP" |
        awk -v first="${LAB_OSD_PORTS%-*}" -v last="${LAB_OSD_PORTS#*-}" '
            { split($3, mine, ":"); split($4, peer, ":") } peer[2] >= first && peer[2] <= last { print mine[2] }'
}

osd_connections_gone() { # HOST PORT,PORT…
    local port
    for port in $(osd_connections "$1"); do
        [[ ",$2," != *",$port,"* ]] || return 1
    done
}
