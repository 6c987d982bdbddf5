//! The policies that the program brings along.

/// Id and text of each policy that the program brings along, the ones in force first.
#[must_use]
pub fn builtin_policies() -> &'static [(&'static str, &'static str)] {
    &[
        ("qemu-2025-06", include_str!("../../../../config/policies/qemu-2025-06.toml")),
        (
            "qemu-proposed-2026-05",
            include_str!("../../../../config/policies/qemu-proposed-2026-05.toml"),
        ),
    ]
}
