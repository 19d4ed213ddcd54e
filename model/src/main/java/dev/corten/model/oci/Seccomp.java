package dev.corten.model.oci;

import java.util.List;

/// A filter of system calls.
///
/// The rules of one system call are tried together: the most restrictive action among those that
/// match wins, as the kernel does with several filters; none matching gives the default.
///
/// @param defaultErrno for a default of [Action#ERRNO]; EPERM if nobody said
/// @param architectures `SCMP_ARCH_…`; the native one and those whose calls are filtered too
public record Seccomp(
        Action defaultAction,
        int defaultErrno,
        List<String> architectures,
        List<String> flags,
        List<Rule> rules) {
    public Seccomp {
        architectures = List.copyOf(architectures);
        flags = List.copyOf(flags);
        rules = List.copyOf(rules);
    }

    /// With the kernel's values of `linux/seccomp.h`.
    public enum Action {
        KILL_PROCESS("SCMP_ACT_KILL_PROCESS", 0x80000000),
        KILL_THREAD("SCMP_ACT_KILL", 0x00000000),
        TRAP("SCMP_ACT_TRAP", 0x00030000),
        ERRNO("SCMP_ACT_ERRNO", 0x00050000),
        NOTIFY("SCMP_ACT_NOTIFY", 0x7fc00000),
        TRACE("SCMP_ACT_TRACE", 0x7ff00000),
        LOG("SCMP_ACT_LOG", 0x7ffc0000),
        ALLOW("SCMP_ACT_ALLOW", 0x7fff0000);

        private final String specName;
        private final int value;

        Action(String specName, int value) {
            this.specName = specName;
            this.value = value;
        }

        public String specName() {
            return specName;
        }

        /// `SECCOMP_RET_…`, without data.
        public int value() {
            return value;
        }
    }

    /// @param errno the data of the action: an errno for ERRNO, a message for TRACE
    /// @param conditions all must hold; conditions on the same argument are alternatives, as
    ///     runc has them
    public record Rule(List<String> names, Action action, int errno, List<Condition> conditions) {
        public Rule {
            names = List.copyOf(names);
            conditions = List.copyOf(conditions);
        }
    }

    /// @param index of the argument, 0 to 5
    /// @param valueTwo what the masked argument must equal, for [Operator#MASKED_EQ]
    public record Condition(int index, Operator operator, long value, long valueTwo) {
        /// Whether an argument meets it; numbers are unsigned.
        public boolean holds(long argument) {
            int order = Long.compareUnsigned(argument, value);
            return switch (operator) {
                case NE -> order != 0;
                case LT -> order < 0;
                case LE -> order <= 0;
                case EQ -> order == 0;
                case GE -> order >= 0;
                case GT -> order > 0;
                case MASKED_EQ -> (argument & value) == valueTwo;
            };
        }
    }

    /// `SCMP_CMP_…`.
    public enum Operator {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        MASKED_EQ;

        public String specName() {
            return "SCMP_CMP_" + name();
        }
    }
}
