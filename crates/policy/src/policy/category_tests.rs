//! QEMU's globs, one by one.

use test_case::test_case;

use super::*;

#[test_case("linux-headers/asm-arm64/kvm.h" => Category::Imported; "linux headers")]
#[test_case("include/standard-headers/linux/virtio_ring.h" => Category::Imported; "standard headers")]
#[test_case("include/hw/xen/interface/io/blkif.h" => Category::Imported; "xen interface")]
#[test_case("include/hw/xen/xen-bus.h" => Category::Code; "xen, not its interface")]
#[test_case("target/hexagon/imported/alu.idef" => Category::Imported; "hexagon imported")]
#[test_case("target/hexagon/genptr.c" => Category::Code; "hexagon")]
#[test_case("gdb-xml/aarch64-core.xml" => Category::Imported; "gdb xml")]
#[test_case("gdbstub/gdb-xml/aarch64-core.xml" => Category::Imported; "gdb xml since 2026")]
#[test_case("linux-user/ppc/syscall.tbl" => Category::Imported; "syscall table")]
#[test_case("linux-user/syscall.c" => Category::Code; "syscalls")]
#[test_case("tests/docker/dockerfiles/debian.docker" => Category::Generated; "dockerfile")]
#[test_case("tests/docker/docker.py" => Category::Tests; "docker script")]
#[test_case("ebpf/rss.bpf.skeleton.h" => Category::Generated; "ebpf skeleton")]
#[test_case("ebpf/ebpf_rss.c" => Category::Code; "ebpf")]
#[test_case("tests/data/acpi/x86/q35/DSDT" => Category::Generated; "acpi table")]
#[test_case("tests/qemu-iotests/061.out" => Category::Generated; "iotest output")]
#[test_case("tests/qemu-iotests/tests/frob.out" => Category::Generated; "newer iotest output")]
#[test_case("tests/qemu-iotests/061" => Category::Tests; "iotest")]
#[test_case("pc-bios/bios-256k.bin" => Category::Blob; "bin")]
#[test_case("pc-bios/s390-ccw.img" => Category::Blob; "img")]
#[test_case("pc-bios/efi-virtio.rom" => Category::Blob; "rom")]
#[test_case("pc-bios/edk2-i386-code.fd.bz2" => Category::Blob; "fd")]
#[test_case("roms/seabios" => Category::Blob; "submodule")]
#[test_case("pc-bios/s390-ccw/main.c" => Category::Code; "s390 loader")]
#[test_case("pc-bios/optionrom/linuxboot.S" => Category::Code; "option rom")]
#[test_case("subprojects/libvhost-user/libvhost-user.c" => Category::Code; "vhost-user")]
#[test_case("scripts/qapi/gen.py" => Category::Code; "qapi generator")]
#[test_case("scripts/qapi-gen.py" => Category::Code; "qapi entry")]
#[test_case("scripts/decodetree.py" => Category::Code; "decodetree")]
#[test_case("scripts/tracetool/backend/log.py" => Category::Code; "tracetool")]
#[test_case("scripts/tracetool.py" => Category::Code; "tracetool entry")]
#[test_case("contrib/plugins/hotblocks.c" => Category::Code; "contrib")]
#[test_case("tests/qtest/libqos/virtio.c" => Category::Tests; "libqos")]
#[test_case("tests/qtest/virtio-test.c" => Category::Tests; "qtest")]
#[test_case("tests/fp/berkeley-testfloat-3" => Category::Tests; "submodule of a test")]
#[test_case("docs/devel/style.rst" => Category::Docs; "docs")]
#[test_case("docs/meson.build" => Category::Docs; "how docs are built")]
#[test_case("hw/misc/meson.build" => Category::Build; "meson")]
#[test_case("hw/misc/Kconfig" => Category::Build; "kconfig")]
#[test_case(".gitlab-ci.d/base.yml" => Category::Build; "ci")]
#[test_case("qapi/block.json" => Category::Code; "schema")]
#[test_case("qemu-options.hx" => Category::Code; "options")]
#[test_case("hw/misc/frob.c" => Category::Code; "device")]
fn qemu_globs(path: &str) -> Category {
    let by_policy = builtin_policies().iter().filter(|(id, _)| id.starts_with("qemu-"));
    let policies = by_policy.map(|(_, text)| Policy::parse(text).expect("a shipped policy").0);
    let found: Vec<Category> = policies.map(|policy| policy.categories.of(path)).collect();
    assert!(found.windows(2).all(|two| two[0] == two[1]), "{found:?}");
    found[0]
}

#[test_case("qapi/block.json" => true; "schema")]
#[test_case("qga/qapi-schema.json" => true; "guest agent")]
#[test_case("qemu-options.hx" => true; "options")]
#[test_case("hmp-commands.hx" => true; "monitor")]
#[test_case("hmp-commands-info.hx" => true; "monitor info")]
#[test_case("qemu-img-cmds.hx" => false; "tool")]
#[test_case("hw/misc/frob.c" => false; "device")]
fn qemu_interfaces(path: &str) -> bool {
    let text = builtin_policies()[0].1;
    Policy::parse(text).expect("a shipped policy").0.interface.is_match(path)
}
