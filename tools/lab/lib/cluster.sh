# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A throwaway one-node Ceph: a monitor, an OSD that keeps its objects in memory, a manager; cephx on, as in production.
#
#   LAB_OSDS            how many OSDs (1)
#   LAB_WATCH_TIMEOUT   osd_client_watch_timeout in seconds (30 is Ceph's default)
#   LAB_CEPH_MODE       "secure" encrypts the connections of clients; Ceph's default is crc
#   LAB_CEPH_EXTRA      more lines for [global]
#   LAB_DEBUG_OSD       debug_osd (10 shows HandleWatchTimeout)

LAB_OSD_PORTS=6800-6899
LAB_POOL=volumes
LAB_OSDS=${LAB_OSDS:-1}

# Ceph 18 and 20 of Debian look for their object classes relative to the folder they are started in, unless told.
osd_class_dir() {
    local folder
    for folder in /usr/lib/*-linux-gnu/rados-classes /usr/lib/rados-classes; do
        [ ! -d "$folder" ] || printf 'osd_class_dir = %s\n' "$folder"
    done
}

cluster_conf() {
    cat <<CONF
[global]
fsid = $1
mon_host = v2:$LAB_STORAGE_IP:3300,v1:$LAB_STORAGE_IP:6789
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = $LAB_DIR/keyring
run_dir = $LAB_DIR/ceph
crash_dir = $LAB_DIR/ceph/crash
admin_socket = $LAB_DIR/ceph/\$name.\$pid.\$cctid.asok
log_file = $LAB_DIR/log/\$name.log
mon_cluster_log_file = default=$LAB_DIR/log/ceph.log audit=$LAB_DIR/log/ceph.audit.log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
osd_crush_chooseleaf_type = 0
${LAB_CEPH_MODE:+ms_client_mode = $LAB_CEPH_MODE
ms_service_mode = $LAB_CEPH_MODE
}${LAB_CEPH_EXTRA:-}
[client]
log_file = $LAB_DIR/log/\$name.\$pid.log
[mon]
mon_data = $LAB_DIR/ceph/mon
mon_allow_pool_delete = true
auth_allow_insecure_global_id_reclaim = false
[osd]
osd_objectstore = memstore
memstore_device_bytes = 4G
osd_data = $LAB_DIR/ceph/\$name
$(osd_class_dir)
public_addr = $LAB_STORAGE_IP
cluster_addr = $LAB_STORAGE_IP
ms_bind_port_min = ${LAB_OSD_PORTS%-*}
ms_bind_port_max = ${LAB_OSD_PORTS#*-}
osd_client_watch_timeout = ${LAB_WATCH_TIMEOUT:-30}
debug_osd = ${LAB_DEBUG_OSD:-10}
[mgr]
mgr_data = $LAB_DIR/ceph/mgr
public_addr = $LAB_STORAGE_IP
ms_bind_port_min = 7000
ms_bind_port_max = 7099
mgr_initial_modules =
CONF
}

cluster_key() { # NAME CAPABILITY…
    ceph auth get-or-create "$@" >>"$LAB_DIR/keyring"
}

cluster_monitor() {
    local fsid=$1
    ceph-authtool --create-keyring "$LAB_DIR/keyring" --gen-key -n mon. --cap mon 'allow *'
    ceph-authtool "$LAB_DIR/keyring" --gen-key -n client.admin \
        --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' --cap mds 'allow *'
    monmaptool --create --fsid "$fsid" --addv a "[v2:$LAB_STORAGE_IP:3300,v1:$LAB_STORAGE_IP:6789]" "$LAB_DIR/monmap"
    ceph-mon --mkfs -i a --monmap "$LAB_DIR/monmap" --keyring "$LAB_DIR/keyring"
    ceph-mon -i a
}

cluster_osd() { # ID
    local id=$1 uuid
    mkdir "$LAB_DIR/ceph/osd.$id"
    uuid=$(cat /proc/sys/kernel/random/uuid)
    ceph osd new "$uuid" "$id"
    cluster_key "osd.$id" mon 'profile osd' mgr 'profile osd' osd 'allow *'
    # The same uuid in both, or the OSD never comes up.
    ceph-osd -i "$id" --mkfs --osd-uuid "$uuid"
    ceph osd crush add "osd.$id" 1 root=default
    ceph-osd -i "$id"
}

# Ceph 14 wraps the answer in one more object.
cluster_is_up() {
    ceph osd stat -f json 2>/dev/null | jq -e "(.num_up_osds // .osdmap.num_up_osds) == $LAB_OSDS" >/dev/null
}

cluster_steps() {
    local fsid=$1 id
    cluster_monitor "$fsid"
    for ((id = 0; id < LAB_OSDS; id++)); do
        cluster_osd "$id"
    done
    cluster_key mgr.x mon 'profile mgr' osd 'allow *' mds 'allow *'
    ceph-mgr -i x
    cluster_key client.cinder mon 'profile rbd' osd 'profile rbd' mgr 'profile rbd'
    cluster_key client.nova mon 'profile rbd' osd 'profile rbd' mgr 'profile rbd'
    ceph osd pool create "$LAB_POOL" 8
    ceph osd pool application enable "$LAB_POOL" rbd
    wait_until 60 "the OSDs to be up" cluster_is_up
    # Blocks until the pool answers; the marker says it is usable.
    timeout 60 rados -p "$LAB_POOL" create fenceline-lab-ready
    timeout 60 rados -p "$LAB_POOL" rm fenceline-lab-ready
}

# Brings it up and exports CEPH_CONF; what the tools say is in log/cluster-up.log.
cluster_up() {
    local fsid
    fsid=$(cat /proc/sys/kernel/random/uuid)
    mkdir -p "$LAB_DIR"/ceph/{mon,mgr,crash} "$LAB_DIR/log"
    cluster_conf "$fsid" >"$CEPH_CONF"
    strictly cluster_steps "$fsid" >"$LAB_DIR/log/cluster-up.log" 2>&1
    if [ "$strict_code" != 0 ]; then
        tail -5 "$LAB_DIR/log/cluster-up.log" >&2
        fail "the cluster did not come up; the whole output is in logs/cluster-up.log"
    fi
}

# The address of an OSD's public messenger, ip:port, as clients reach it over msgr2.
osd_address() { # ID
    ceph osd dump -f json | jq -r --argjson id "$1" '.osds[] | select(.osd == $id) | .public_addrs.addrvec[] | select(.type == "v2") | .addr'
}

# osd_of_header IMAGE-ID: the number of the OSD that serves the image's header.
osd_of_header() {
    ceph osd map "$LAB_POOL" "rbd_header.$1" -f json | jq -r .acting_primary
}
