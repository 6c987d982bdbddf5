//! The policies that the program brings along.

/// Id and text of each policy that the program brings along, QEMU's first.
#[must_use]
pub fn builtin_policies() -> &'static [(&'static str, &'static str)] {
    &[
        ("qemu-2025-06", include_str!("../../../../config/policies/qemu-2025-06.toml")),
        (
            "qemu-proposed-2026-05",
            include_str!("../../../../config/policies/qemu-proposed-2026-05.toml"),
        ),
        ("linux-2026-08", include_str!("../../../../config/policies/linux-2026-08.toml")),
        ("linux-2026-03", include_str!("../../../../config/policies/linux-2026-03.toml")),
        ("gcc-2026-07", include_str!("../../../../config/policies/gcc-2026-07.toml")),
        ("binutils", include_str!("../../../../config/policies/binutils.toml")),
        ("gnulib", include_str!("../../../../config/policies/gnulib.toml")),
        ("libvirt-2025-07", include_str!("../../../../config/policies/libvirt-2025-07.toml")),
        ("yocto", include_str!("../../../../config/policies/yocto.toml")),
        ("u-boot", include_str!("../../../../config/policies/u-boot.toml")),
        ("git", include_str!("../../../../config/policies/git.toml")),
        ("man-pages", include_str!("../../../../config/policies/man-pages.toml")),
        ("systemd", include_str!("../../../../config/policies/systemd.toml")),
        ("zephyr", include_str!("../../../../config/policies/zephyr.toml")),
        ("mesa", include_str!("../../../../config/policies/mesa.toml")),
        ("openinfra", include_str!("../../../../config/policies/openinfra.toml")),
        ("apache", include_str!("../../../../config/policies/apache.toml")),
        ("fedora", include_str!("../../../../config/policies/fedora.toml")),
        ("gentoo", include_str!("../../../../config/policies/gentoo.toml")),
        ("netbsd", include_str!("../../../../config/policies/netbsd.toml")),
        ("curl", include_str!("../../../../config/policies/curl.toml")),
    ]
}
