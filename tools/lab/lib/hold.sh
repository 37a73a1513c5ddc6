# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Holding back what a host sends to the OSDs, pings first of all, or what they send to it, or what one OSD hears from the clients
# that it has. The monitors stay reachable, and so does everybody else.

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

# hold_way_back HOST: what the OSDs send to it is lost, what it sends to them arrives: until its kernel stops sending anything new,
# a fraction of a second after the first segment that nobody acknowledged.
hold_way_back() {
    nft -f - <<NFT
table ip way_back
delete table ip way_back
table ip way_back {
    chain from_osd {
        type filter hook output priority 0;
        ip daddr $(host_address "$1") tcp sport $LAB_OSD_PORTS drop
    }
}
NFT
}

release_way_back() {
    nft delete table ip way_back
}

# Of osd.0 alone, from its start (in LAB_CEPH_EXTRA): a client's connection gets its delay queue when it becomes ready, with nothing
# in it as long as the probability is 0.
LAB_CAN_GO_SILENT='[osd.0]
ms_inject_delay_type = client
ms_inject_delay_probability = 0
ms_inject_delay_max = 100000
'

# silence_osd ID: it hears nothing more of the clients that are connected (each message waits for up to a day). Who connects from
# now on is heard: the type is read when a connection becomes ready, the probability with each message.
silence_osd() {
    ceph tell "osd.$1" config set ms_inject_delay_type none
    ceph tell "osd.$1" config set ms_inject_delay_probability 1
}
