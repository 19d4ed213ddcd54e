package dev.corten.kernel.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.Seccomp;
import dev.corten.model.oci.Seccomp.Action;
import dev.corten.model.oci.Seccomp.Condition;
import dev.corten.model.oci.Seccomp.Operator;
import dev.corten.model.oci.Seccomp.Rule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeccompTest {
    private static final int ALLOW = 0x7fff0000;
    private static final int EPERM = 0x00050001;
    private static final int ENOSYS = 0x00050026;
    private static final int KILL = 0x80000000;
    private static final KernelVersion KERNEL = new KernelVersion(6, 18);
    private static final Set<Capability> DEFAULTS = Capability.ofMask(0x00000000a80425fbL);

    private static int standard(Set<Capability> capabilities, Abi abi, String call, long... args) {
        Seccomp rules =
                SeccompProfile.standard()
                        .reduce(capabilities, abi == Abi.X86 ? Abi.X86_64 : abi, KERNEL);
        byte[] program = FilterCompiler.compile(rules, abi == Abi.X86 ? Abi.X86_64 : abi);
        long[] all = new long[6];
        System.arraycopy(args, 0, all, 0, args.length);
        return BpfInterpreter.run(program, abi.audit(), abi.number(call).orElseThrow(), all);
    }

    @Test
    void standardProfileDecidesAsDockers() {
        for (Abi abi : Abi.values()) {
            assertThat(standard(DEFAULTS, abi, "read")).isEqualTo(ALLOW);
            assertThat(standard(DEFAULTS, abi, "execve")).isEqualTo(ALLOW);
            assertThat(standard(DEFAULTS, abi, "clone3")).isEqualTo(ENOSYS);
            for (String refused :
                    List.of(
                            "unshare",
                            "setns",
                            "mount",
                            "umount2",
                            "bpf",
                            "perf_event_open",
                            "keyctl",
                            "add_key",
                            "request_key",
                            "io_uring_setup",
                            "userfaultfd",
                            "fsopen",
                            "open_by_handle_at",
                            "init_module",
                            "reboot",
                            "kexec_load",
                            "swapon",
                            "pivot_root",
                            "move_mount",
                            "syslog")) {
                if (abi.number(refused).isPresent()) {
                    assertThat(standard(DEFAULTS, abi, refused)).as(refused).isEqualTo(EPERM);
                }
            }
            assertThat(standard(DEFAULTS, abi, "clone", 0x11)).isEqualTo(ALLOW);
            assertThat(standard(DEFAULTS, abi, "clone", 0x10000011)).isEqualTo(EPERM);
            assertThat(standard(DEFAULTS, abi, "socket", 40)).isEqualTo(EPERM);
            assertThat(standard(DEFAULTS, abi, "socket", 2)).isEqualTo(ALLOW);
            for (long allowed : new long[] {0, 8, 0x20000, 0x20008, 0xffffffffL}) {
                assertThat(standard(DEFAULTS, abi, "personality", allowed)).isEqualTo(ALLOW);
            }
            assertThat(standard(DEFAULTS, abi, "personality", 0x40000)).isEqualTo(EPERM);
            assertThat(standard(DEFAULTS, abi, "ptrace")).isEqualTo(ALLOW);
            assertThat(standard(DEFAULTS, abi, "chroot")).isEqualTo(ALLOW);
        }
    }

    @Test
    void capabilitiesWidenTheStandardProfile() {
        Set<Capability> admin = EnumSet.copyOf(DEFAULTS);
        admin.add(Capability.SYS_ADMIN);
        assertThat(standard(admin, Abi.X86_64, "clone3")).isEqualTo(ALLOW);
        assertThat(standard(admin, Abi.X86_64, "mount")).isEqualTo(ALLOW);
        assertThat(standard(admin, Abi.X86_64, "clone", 0x10000011)).isEqualTo(ALLOW);
        assertThat(standard(Set.of(Capability.SYSLOG), Abi.X86_64, "syslog")).isEqualTo(ALLOW);
        assertThat(standard(Set.of(), Abi.X86_64, "chroot")).isEqualTo(EPERM);
    }

    @Test
    void ptraceNeedsKernel48() {
        Seccomp old =
                SeccompProfile.standard().reduce(Set.of(), Abi.X86_64, new KernelVersion(4, 7));
        assertThat(old.rules().stream().flatMap(r -> r.names().stream())).doesNotContain("ptrace");
    }

    @Test
    void foreignArchitecturesAreKilledAndX32IsNotThere() {
        Seccomp rules = SeccompProfile.standard().reduce(DEFAULTS, Abi.X86_64, KERNEL);
        byte[] program = FilterCompiler.compile(rules, Abi.X86_64);
        long[] none = new long[6];
        assertThat(BpfInterpreter.run(program, Abi.AARCH64.audit(), 0, none)).isEqualTo(KILL);
        assertThat(BpfInterpreter.run(program, Abi.X86_64.audit(), 0x40000000, none))
                .isEqualTo(ENOSYS);
        assertThat(BpfInterpreter.run(program, Abi.X86_64.audit(), -1, none)).isEqualTo(ENOSYS);
    }

    @Test
    void programEqualsTheRulesForRandomProfiles() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            Seccomp rules = randomRules(random);
            byte[] program = FilterCompiler.compile(rules, Abi.X86_64);
            for (int call = 0; call < 200; call++) {
                int number = random.nextInt(480);
                long[] args = new long[6];
                for (int i = 0; i < 6; i++) {
                    args[i] = interesting(random);
                }
                Abi abi = random.nextBoolean() ? Abi.X86_64 : Abi.X86;
                boolean known = abi == Abi.X86_64 || rules.architectures().contains(abi.specName());
                int expected = known ? FilterCompiler.evaluate(rules, abi, number, args) : KILL;
                int actual = BpfInterpreter.run(program, abi.audit(), number, args);
                if (actual != expected) {
                    throw new AssertionError(
                            "seed " + seed + ": " + abi + " call " + number + ": " + rules);
                }
            }
        }
    }

    private static Seccomp randomRules(Random random) {
        var names = new ArrayList<>(Abi.X86_64.syscalls().keySet());
        var rules = new ArrayList<Rule>();
        int count = random.nextInt(120);
        for (int i = 0; i < count; i++) {
            var conditions = new ArrayList<Condition>();
            for (int c = random.nextInt(4) - 1; c > 0; c--) {
                conditions.add(
                        new Condition(
                                random.nextInt(6),
                                Operator.values()[random.nextInt(7)],
                                interesting(random),
                                interesting(random)));
            }
            var some = new ArrayList<String>();
            for (int n = random.nextInt(5); n >= 0; n--) {
                some.add(names.get(random.nextInt(names.size())));
            }
            rules.add(new Rule(some, action(random), random.nextInt(100), conditions));
        }
        return new Seccomp(
                action(random),
                random.nextInt(100),
                random.nextBoolean() ? List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86") : List.of(),
                List.of(),
                rules);
    }

    private static Action action(Random random) {
        return Action.values()[random.nextInt(Action.values().length)];
    }

    private static long interesting(Random random) {
        long[] values = {0, 1, 2, 0xffffffffL, 0x100000000L, -1, 0x7E020000, Long.MIN_VALUE};
        long value = values[random.nextInt(values.length)];
        return random.nextInt(4) == 0 ? value ^ (1L << random.nextInt(64)) : value;
    }

    @Test
    void theKernelsNumbersAreOurs() {
        assertThat(Abi.X86_64.number("execve")).hasValue(59);
        assertThat(Abi.X86.number("execve")).hasValue(11);
        assertThat(Abi.AARCH64.number("execve")).hasValue(221);
        assertThat(Abi.AARCH64.number("openat2")).hasValue(437);
        assertThat(Abi.AARCH64.number("open")).isEmpty();
    }

    @Test
    void programsAreCached() {
        var cache = new FilterCache(Abi.X86_64);
        Seccomp rules = SeccompProfile.standard().reduce(DEFAULTS, Abi.X86_64, KERNEL);
        assertThat(SeccompProfile.standard().reduce(DEFAULTS, Abi.X86_64, KERNEL)).isSameAs(rules);
        assertThat(cache.program(rules)).isSameAs(cache.program(rules));
    }

    @Test
    void badProfilesAreRefused() {
        for (String bad :
                List.of(
                        "",
                        "[]",
                        "{",
                        "{\"defaultAction\":\"SCMP_ACT_BOGUS\"}",
                        "{\"defaultAction\":\"SCMP_ACT_ALLOW\"} x",
                        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}",
                        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"a\"],"
                                + "\"action\":\"SCMP_ACT_ERRNO\",\"args\":[{\"index\":9,"
                                + "\"op\":\"SCMP_CMP_EQ\"}]}]}",
                        "[".repeat(10_000))) {
            assertThatThrownBy(() -> SeccompProfile.parse(bad))
                    .as(bad)
                    .isInstanceOf(InvalidParameter.class);
        }
    }
}
