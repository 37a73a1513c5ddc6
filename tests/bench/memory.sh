#!/bin/bash
# SPDX-License-Identifier: MIT
# What the ring buffers take of /dev/shm: VMs by CPUs, --buffers pid and uid, both profiles. VMs are `emit` processes, which record through
# the real provider; CPUs beyond the machine's own are those of a /sys of ours, which LTTng, glibc and fenceline count.
# usage: tests/bench/memory.sh       MEMORY_VMS and MEMORY_CPUS choose ("1 10", "2 64")
set -u
# shellcheck source=../lib/private.sh
. "$(dirname "$0")/../lib/private.sh" 600 "$@"

cpus_seem() # COUNT
{
	mkdir -p cpus
	mount -t tmpfs none cpus
	for ((cpu = 0; cpu < $1; cpu++)); do mkdir "cpus/cpu$cpu"; done
	echo "0-$(($1 - 1))" | tee cpus/possible cpus/online > cpus/present
	mount --bind cpus /sys/devices/system/cpu
}
used_kib() { df --output=used /dev/shm | tail -n 1; }

measure() # VMS CPUS PROFILE BUFFERS: MiB
{
	local before pids=() i
	"$fenceline" record start --output "$PWD/trace.$RANDOM$RANDOM" --profile "$3" --buffers "$4" 2> /dev/null || { echo failed; return; }
	before=$(used_kib)
	for ((i = 0; i < $1; i++)); do
		(echo '{"event":"image_open"}'; echo '{"sleep_ms":60000}') | "$build/bin/emit" "$provider" > /dev/null &
		pids+=($!)
	done
	local last=-1 now
	for i in $(seq 60); do # until it is all there
		sleep 0.5
		now=$(used_kib)
		[ "$now" = "$last" ] && [ "$now" -gt "$before" ] && break
		last=$now
	done
	awk -v k=$((now - before)) 'BEGIN { printf "%.1f", k / 1024 }'
	kill "${pids[@]}"
	wait "${pids[@]}" 2> /dev/null
	"$fenceline" record stop 2> /dev/null
}

mount -o remount,size=4g /dev/shm
printf '%-6s %-6s %-10s %12s %12s\n' VMs CPUs profile 'pid, MiB' 'uid, MiB'
for cpus in ${MEMORY_CPUS:-2 16 64}; do
	umount /sys/devices/system/cpu 2> /dev/null
	cpus_seem "$cpus"
	for vms in ${MEMORY_VMS:-1 10 50}; do
		for profile in incident full; do
			[ $profile = full ] && [ $((vms * cpus)) -gt 1000 ] && continue # more memory than the test should take
			printf '%-6s %-6s %-10s %12s %12s\n' "$vms" "$cpus" $profile "$(measure "$vms" "$cpus" $profile pid)" "$(measure "$vms" "$cpus" $profile uid)"
		done
	done
done
exit $failed
