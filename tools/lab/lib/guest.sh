# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The guest: the distribution's cloud kernel and a busybox initramfs around guest/init. Made once, kept in the user's cache
# folder. Each piece is made aside and renamed into place, so two runs at once do not disturb each other.

guest_cache() {
    printf '%s\n' "${FENCELINE_GUEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/fenceline/guest}"
}

# guest_install MADE FINAL: if MADE was made (strict_code), renames the folder to FINAL; whoever comes second keeps what is there.
guest_install() {
    if [ "$strict_code" != 0 ]; then
        rm -rf "$1"
        return "$strict_code"
    fi
    mv -T "$1" "$2" 2>/dev/null || rm -rf "$1"
    [ -d "$2" ]
}

# The kernel and the modules that /dev/vda needs, in the order they are to be loaded: kernel/vmlinuz, kernel/modules/NN-*.ko
guest_make_kernel() { # FOLDER
    local folder=$1 package version n=10 module deb parts
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
    if [ -z "$package" ]; then
        fail "apt knows no linux-image-cloud-amd64: run tools/install-deps first (it fetches apt's package lists)"
        return 1
    fi
    # Since forky the image, its modules and the list of those built in are packages of their own, which this one depends on.
    mapfile -t parts < <(apt-cache depends "$package" | awk '/Depends: linux-(base|binary|modules)-[0-9]/ { print $2 }')
    # apt's sandbox user cannot write into a folder of root's; as root there is nothing to protect from.
    if ! (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download "$package" "${parts[@]}" >apt.log 2>&1); then
        tail -2 "$folder/apt.log" >&2
        fail "cannot download $package for the guest: run tools/install-deps (apt's package lists may be old)"
        return 1
    fi
    for deb in "$folder"/*.deb; do
        dpkg-deb -x "$deb" "$folder/x"
    done
    rm "$folder"/*.deb "$folder/apt.log"
    version=$(ls "$folder/x/lib/modules" 2>/dev/null || ls "$folder/x/usr/lib/modules")
    [ -d "$folder/x/lib" ] || ln -s usr/lib "$folder/x/lib"
    depmod -b "$folder/x" "$version"
    mkdir "$folder/modules"
    while read -r module; do
        cp "$module" "$folder/modules/$n-${module##*/}"
        n=$((n + 1))
    done < <(for module in virtio_pci virtio_blk; do
        modprobe -d "$folder/x" -S "$version" --show-depends "$module"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }')
    cp "$folder/x/boot/vmlinuz-$version" "$folder/vmlinuz" 2>/dev/null || cp "$folder/x/lib/modules/$version/vmlinuz" "$folder/vmlinuz"
    rm -r "$folder/x"
    printf '%s\n' "$version" >"$folder/version"
}

guest_make_initrd() { # FOLDER KERNEL-FOLDER
    local root=$1/root
    mkdir -p "$root"/{bin,dev,proc,sys}
    cp -r "$2/modules" "$root/modules"
    cp "$(command -v busybox)" "$root/bin/busybox"
    install -m 755 "$LAB_HOME/guest/init" "$root/init"
    (cd "$root" && find . | sort | cpio --quiet -o -H newc | gzip -9) >"$1/initrd.gz"
    rm -r "$root"
    cp "$2/vmlinuz" "$1/"
}

# guest_image: makes what is missing; prints the folder that holds vmlinuz and initrd.gz.
guest_image() {
    local cache kernel image made key
    cache=$(guest_cache)
    kernel=$cache/kernel
    mkdir -p "$cache"
    # What an interrupted run left half made.
    find "$cache" -maxdepth 1 -name 'making.*' -mmin +60 -exec rm -rf {} +
    if [ ! -d "$kernel" ]; then
        made=$(mktemp -d "$cache/making.XXXXXX")
        strictly guest_make_kernel "$made"
        guest_install "$made" "$kernel"
    fi
    key=$(cat "$LAB_HOME/guest/init" "$LAB_HOME/lib/guest.sh" "$kernel/version" | sha256sum | cut -c1-16)
    image=$cache/image-$key
    if [ ! -d "$image" ]; then
        made=$(mktemp -d "$cache/making.XXXXXX")
        strictly guest_make_initrd "$made" "$kernel"
        guest_install "$made" "$image"
    fi
    printf '%s\n' "$image"
}
