# For bash scripts: fetches packages of Debian, with all that they depend on, and unpacks them beside the system.
#
# Nothing is installed: apt works with sources, lists, cache and status of its own.

# Prints the address of the archive that this machine gets Debian from. Its label is known once `apt-get update` has
# run; on a machine where it never did, only the sources are, and an archive of Debian's is told by its address.
debian_archive() {
    local targets=(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages')
    { "${targets[@]}" 'Label: Debian'; "${targets[@]}" --no-release-info | grep -E '/debian/?$'; } | awk 'NR == 1'
}

# debian_apt WORK APT-GET-WORDS...
debian_apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$1/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::Lists="$1/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$1/cache" \
        -o Debug::NoLocking=true -o APT::Sandbox::User= "${@:2}" >&2
}

# debian_unpack ROOT SUITES PACKAGE...    leaves in ROOT the packages and what they need, of the newest of the suites (a
# list in one word) that has them. A failure calls `give_up REASON`, which the script that reads this file defines.
debian_unpack() {
    local root=$1 suites=$2 packages=("${@:3}") package suite archive scratch keyring=/usr/share/keyrings/debian-archive-keyring
    command -v apt-get dpkg-deb >/dev/null || give_up "no apt on this machine to fetch ${packages[*]} with"
    archive=$(debian_archive || true)
    [ -n "$archive" ] || give_up "the sources of apt name no Debian archive"
    [ -e "$keyring.gpg" ] && keyring+=.gpg || keyring+=.pgp
    scratch=$root.apt
    mkdir -p "$scratch"/{lists/partial,cache/archives/partial} "$root"
    for suite in $suites; do echo "deb [signed-by=$keyring] $archive $suite main"; done >"$scratch/sources.list"
    debian_apt "$scratch" update || give_up "apt could not read Debian $suites"
    debian_apt "$scratch" install --yes --no-install-recommends --download-only "${packages[@]}" ||
        give_up "apt could not download ${packages[*]} of Debian $suites"
    for package in "$scratch"/cache/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
    rm -r "$scratch"
}
