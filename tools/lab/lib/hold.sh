# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Holding back what a host sends to the OSDs, pings first of all. The monitors stay reachable, and so does everybody else.

# hold_osd HOST
hold_osd() {
    on_host "$1" nft -f - <<NFT
table ip hold {
    chain toward_osd {
        type filter hook output priority 0;
        ip daddr $LAB_STORAGE_IP tcp dport $LAB_OSD_PORTS counter drop
    }
}
NFT
}

# release_osd HOST
release_osd() {
    on_host "$1" nft delete table ip hold
}
