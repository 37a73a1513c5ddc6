# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Everything in lib/. A script that runs inside the lab (tools/lab/lab run -- bash SCRIPT) begins with: . "$LAB_HOME/lib/all.sh"

shopt -s inherit_errexit
LAB_HOME=${LAB_HOME:-$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")}
FENCELINE=${FENCELINE:-$(realpath "$LAB_HOME/../..")/build/bin/fenceline}
export LAB_HOME FENCELINE
for lab_part in log wait namespace netns hold cluster facts guest vm snapshots recording staging collect libvirt; do
    # shellcheck source=/dev/null
    . "$LAB_HOME/lib/$lab_part.sh"
done
unset lab_part
