package dev.corten.kernel.cgroup;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.model.oci.DeviceRule;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Device rules as an eBPF program, which is how version 2 has them.
///
/// For each kind of access that is asked for (mknod, read, write) the last rule that speaks about
/// it decides; where none does, it is allowed, as in a new group of version 1. The program walks
/// the rules from the last to the first, takes away what is allowed from what is asked for, and
/// refuses as soon as something of the rest is denied.
final class DeviceFilter {
    // linux/bpf.h
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_PROG_ATTACH = 8;
    private static final int BPF_PROG_DETACH = 9;
    private static final int BPF_PROG_GET_FD_BY_ID = 13;
    private static final int BPF_PROG_QUERY = 16;
    private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
    private static final int BPF_CGROUP_DEVICE = 6;
    private static final int BPF_F_ALLOW_MULTI = 2;
    private static final int ATTR_BYTES = 128;
    private static final int LOG_BYTES = 64 * 1024;
    private static final int PROGRAMS_MAX = 64;

    private static final int DEV_BLOCK = 1;
    private static final int DEV_CHAR = 2;
    private static final int ACC_MKNOD = 1;
    private static final int ACC_READ = 2;
    private static final int ACC_WRITE = 4;
    private static final int ACC_ALL = 7;

    // Instructions: class, operation and source in one byte.
    private static final int LOAD_WORD = 0x61;
    private static final int AND_IMM = 0x54;
    private static final int RSH_IMM = 0x74;
    private static final int MOV_REG = 0xBC;
    private static final int MOV_IMM = 0xB4;
    private static final int JNE_IMM = 0x56;
    private static final int JUMP = 0x05;
    private static final int JSET_IMM = 0x46;
    private static final int EXIT = 0x95;

    // Registers: the context, what is left of the access, type, major, minor.
    private static final int RESULT = 0;
    private static final int CONTEXT = 1;
    private static final int TYPE = 2;
    private static final int ACCESS = 3;
    private static final int MAJOR = 4;
    private static final int MINOR = 5;

    private final List<Long> code = new ArrayList<>();

    private DeviceFilter() {}

    static DeviceFilter of(List<DeviceRule> rules) {
        var filter = new DeviceFilter();
        // struct bpf_cgroup_dev_ctx: u32 access_type (access << 16 | type), major, minor
        filter.emit(LOAD_WORD, TYPE, CONTEXT, 0, 0);
        filter.emit(MOV_REG, ACCESS, TYPE, 0, 0);
        filter.emit(AND_IMM, TYPE, 0, 0, 0xFFFF);
        filter.emit(RSH_IMM, ACCESS, 0, 0, 16);
        filter.emit(LOAD_WORD, MAJOR, CONTEXT, 4, 0);
        filter.emit(LOAD_WORD, MINOR, CONTEXT, 8, 0);
        for (DeviceRule rule : rules.reversed()) {
            filter.rule(rule);
            boolean everything =
                    rule.type() == 'a'
                            && accessOf(rule.access()) == ACC_ALL
                            && rule.major().isEmpty()
                            && rule.minor().isEmpty();
            if (everything) {
                return filter.end(); // what is before cannot matter any more
            }
        }
        return filter.end();
    }

    private DeviceFilter end() {
        emit(MOV_IMM, RESULT, 0, 0, 1);
        emit(EXIT, 0, 0, 0, 0);
        return this;
    }

    private void rule(DeviceRule rule) {
        int access = accessOf(rule.access());
        var tests = new ArrayList<long[]>();
        if (rule.type() != 'a') {
            tests.add(new long[] {TYPE, rule.type() == 'b' ? DEV_BLOCK : DEV_CHAR});
        }
        number(tests, MAJOR, rule.major());
        number(tests, MINOR, rule.minor());
        for (int i = 0; i < tests.size(); i++) {
            int skip = tests.size() - 1 - i + 4; // the four instructions below
            emit(JNE_IMM, (int) tests.get(i)[0], 0, skip, (int) tests.get(i)[1]);
        }
        if (rule.allow()) {
            emit(AND_IMM, ACCESS, 0, 0, ~access & ACC_ALL);
            emit(JNE_IMM, ACCESS, 0, 2, 0);
            emit(MOV_IMM, RESULT, 0, 0, 1);
            emit(EXIT, 0, 0, 0, 0);
        } else {
            // Jump to the refusal if something of it is asked for, over it otherwise.
            emit(JSET_IMM, ACCESS, 0, 1, access);
            emit(JUMP, 0, 0, 2, 0);
            emit(MOV_IMM, RESULT, 0, 0, 0);
            emit(EXIT, 0, 0, 0, 0);
        }
    }

    private static void number(List<long[]> tests, int register, OptionalLong number) {
        if (number.isPresent()) {
            tests.add(new long[] {register, number.getAsLong()});
        }
    }

    private static int accessOf(String access) {
        int bits = 0;
        for (int i = 0; i < access.length(); i++) {
            bits |=
                    switch (access.charAt(i)) {
                        case 'm' -> ACC_MKNOD;
                        case 'r' -> ACC_READ;
                        case 'w' -> ACC_WRITE;
                        default -> 0;
                    };
        }
        return bits;
    }

    private void emit(int operation, int destination, int source, int offset, int immediate) {
        code.add(
                (operation & 0xFFL)
                        | (destination & 0xFL) << 8
                        | (source & 0xFL) << 12
                        | (offset & 0xFFFFL) << 16
                        | (immediate & 0xFFFFFFFFL) << 32);
    }

    int length() {
        return code.size();
    }

    /// The instructions, little-endian as both architectures are.
    byte[] bytes() {
        ByteBuffer buffer = ByteBuffer.allocate(code.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
        code.forEach(buffer::putLong);
        return buffer.array();
    }

    /// Loads the program and makes it the group's only one: with several, all must allow.
    void attach(Fd directory) throws Errno {
        List<Fd> before = attached(directory);
        try (Fd program = load();
                var call = NativeCall.open()) {
            MemorySegment attr = attribute(call, directory, program);
            attr.set(JAVA_INT, 12, BPF_F_ALLOW_MULTI);
            bpf(call, BPF_PROG_ATTACH, attr, "BPF_PROG_ATTACH");
            for (Fd old : before) {
                bpf(call, BPF_PROG_DETACH, attribute(call, directory, old), "BPF_PROG_DETACH");
            }
        } finally {
            before.forEach(Fd::close);
        }
    }

    /// target_fd, attach_bpf_fd, attach_type, attach_flags
    private static MemorySegment attribute(NativeCall call, Fd directory, Fd program) {
        MemorySegment attr = call.allocate(ATTR_BYTES);
        attr.set(JAVA_INT, 0, directory.number());
        attr.set(JAVA_INT, 4, program.number());
        attr.set(JAVA_INT, 8, BPF_CGROUP_DEVICE);
        return attr;
    }

    /// The programs of a group.
    static List<Fd> attached(Fd directory) throws Errno {
        var programs = new ArrayList<Fd>();
        try (var call = NativeCall.open()) {
            // target_fd, attach_type, query_flags, attach_flags, prog_ids, prog_cnt
            MemorySegment ids = call.allocate(4L * PROGRAMS_MAX);
            MemorySegment attr = call.allocate(ATTR_BYTES);
            attr.set(JAVA_INT, 0, directory.number());
            attr.set(JAVA_INT, 4, BPF_CGROUP_DEVICE);
            attr.set(JAVA_LONG, 16, ids.address());
            attr.set(JAVA_INT, 24, PROGRAMS_MAX);
            bpf(call, BPF_PROG_QUERY, attr, "BPF_PROG_QUERY");
            for (int i = 0; i < attr.get(JAVA_INT, 24); i++) {
                MemorySegment byId = call.allocate(ATTR_BYTES);
                byId.set(JAVA_INT, 0, ids.get(JAVA_INT, 4L * i));
                long fd = bpf(call, BPF_PROG_GET_FD_BY_ID, byId, "BPF_PROG_GET_FD_BY_ID");
                programs.add(Fd.adopt((int) fd));
            }
        }
        return programs;
    }

    /// The loaded program.
    Fd load() throws Errno {
        try (var call = NativeCall.open()) {
            byte[] bytes = bytes();
            MemorySegment attr = call.allocate(ATTR_BYTES);
            attr.set(JAVA_INT, 0, BPF_PROG_TYPE_CGROUP_DEVICE);
            attr.set(JAVA_INT, 4, bytes.length / 8);
            attr.set(JAVA_LONG, 8, call.bytes(bytes).address());
            attr.set(JAVA_LONG, 16, call.path("Apache-2.0"));
            long fd = call.invoke(Syscall.BPF, BPF_PROG_LOAD, attr.address(), ATTR_BYTES);
            if (fd == -Errno.EACCES || fd == -Errno.EINVAL) {
                throw new Errno((int) -fd, "bpf", "BPF_PROG_LOAD: " + verifierLog(call, attr));
            }
            NativeCall.check(Syscall.BPF, fd, "BPF_PROG_LOAD");
            return Fd.adopt((int) fd);
        }
    }

    private static String verifierLog(NativeCall call, MemorySegment attr) {
        MemorySegment log = call.allocate(LOG_BYTES);
        attr.set(JAVA_INT, 24, 1);
        attr.set(JAVA_INT, 28, LOG_BYTES);
        attr.set(JAVA_LONG, 32, log.address());
        call.invoke(Syscall.BPF, BPF_PROG_LOAD, attr.address(), ATTR_BYTES);
        return log.getString(0).strip();
    }

    private static long bpf(NativeCall call, int command, MemorySegment attr, String name)
            throws Errno {
        long result = call.invoke(Syscall.BPF, command, attr.address(), ATTR_BYTES);
        return NativeCall.check(Syscall.BPF, result, name);
    }
}
