# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Real ClickHouse servers of one's own: each in a folder below $dir, on ports of its own at 127.0.0.1, ended by its pid.

# store_start NAME HTTP-PORT [XML]: XML goes into the configuration. Sets store_pid[NAME] and waits until it answers.
declare -A store_pid store_port
STORE_UNDER=() # a command that the server is run by
store_start() {
    local name=$1 port=$2 xml=${3:-} folder=$dir/$1
    mkdir -p "$folder/data" "$folder/tmp" "$folder/format"
    store_port[$name]=$port
    cat >"$folder/users.xml" <<XML
<yandex><profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
<users><default><password>${STORE_PASSWORD:-}</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default></default></quotas></yandex>
XML
    cat >"$folder/config.xml" <<XML
<yandex><logger><level>warning</level><console>1</console></logger>
<listen_host>127.0.0.1</listen_host><http_port>$port</http_port><tcp_port>$((port + 1))</tcp_port><interserver_http_port>$((port + 2))</interserver_http_port>
<path>$folder/data/</path><tmp_path>$folder/tmp/</tmp_path><format_schema_path>$folder/format/</format_schema_path>
<users_config>$folder/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>268435456</mark_cache_size><uncompressed_cache_size>0</uncompressed_cache_size><timezone>UTC</timezone>
$xml</yandex>
XML
    store_run "$name"
}

# A port such that 200 from it on are our own: below those that the kernel deals out, and nobody listens at the first.
store_port_free() {
    local port
    for _ in 1 2 3 4 5 6 7 8 9; do
        port=$((10000 + RANDOM % 110 * 200))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo $port
}

# store_run NAME: starts it, also once more after store_stop.
store_run() {
    local name=$1 folder=$dir/$1
    "${STORE_UNDER[@]}" clickhouse-server --config-file="$folder/config.xml" >>"$folder/log" 2>&1 </dev/null &
    store_pid[$name]=$!
    for _ in $(seq 100); do
        [ "$(curl -s --noproxy '*' "http://127.0.0.1:${store_port[$name]}/ping")" = "Ok." ] && return 0
        kill -0 "${store_pid[$name]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "the server $name does not come up: $(tail -n 3 "$folder/log")"
    return 1
}

store_stop() { # NAME [SIGNAL]
    [ -n "${store_pid[$1]:-}" ] || return 0
    kill "-${2:-TERM}" "${store_pid[$1]}" 2>/dev/null
    wait "${store_pid[$1]}" 2>/dev/null
    store_pid[$1]=
}

# sql NAME QUERY: its answer.
sql() {
    curl -s --noproxy '*' --data-binary "$2" "http://127.0.0.1:${store_port[$1]}/?output_format_json_quote_64bit_integers=0"
}
