package dev.corten.kernel.seccomp;

import dev.corten.model.InvalidParameter;
import dev.corten.model.oci.Seccomp;
import dev.corten.model.oci.Seccomp.Action;
import dev.corten.model.oci.Seccomp.Condition;
import dev.corten.model.oci.Seccomp.Rule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Compiles rules to the classic BPF program of seccomp(2).
///
/// The program looks at the architecture, then finds the system call's number by binary search
/// over ranges with the same outcome, then compares arguments where a rule asks for it. Calls of
/// an architecture that the rules do not name kill the process, as libseccomp has it; x32 numbers
/// give ENOSYS, as a kernel without x32 does.
///
/// Code is emitted from its end: every jump of classic BPF goes forward and reaches at most 255
/// instructions, and the distance of a target that exists already is known.
public final class FilterCompiler {
    /// The kernel's limit (`BPF_MAXINSNS`).
    private static final int MAX_INSTRUCTIONS = 4096;

    private static final int ENOSYS = 38;
    private static final int X32_BIT = 0x40000000;

    private static final int LD_ABS = 0x20;
    private static final int AND = 0x54;
    private static final int JA = 0x05;
    private static final int JEQ = 0x15;
    private static final int JGT = 0x25;
    private static final int JGE = 0x35;
    private static final int RET = 0x06;

    // struct seccomp_data of linux/seccomp.h, little-endian.
    private static final int NUMBER = 0;
    private static final int ARCH = 4;
    private static final int ARGUMENTS = 16;

    /// Reversed: the last element is the program's first instruction.
    private final List<Long> reversed = new ArrayList<>();

    private final Seccomp seccomp;

    private FilterCompiler(Seccomp seccomp) {
        this.seccomp = seccomp;
    }

    /// What a call gives when no argument matters, or the alternatives to compare.
    private record Outcome(List<Alternative> alternatives, int otherwise) {}

    private record Alternative(List<Condition> conditions, int value) {}

    private record Range(int start, Outcome outcome) {}

    /// An array of `struct sock_filter` for this machine's architecture.
    ///
    /// @throws InvalidParameter if the program would be too long for the kernel
    public static byte[] compile(Seccomp seccomp, Abi native64) {
        return new FilterCompiler(seccomp).compile(native64);
    }

    /// What the rules say of one call, worked out without a program. Tests compare.
    static int evaluate(Seccomp seccomp, Abi arch, int number, long[] arguments) {
        Outcome outcome = outcomes(seccomp, arch).get(number);
        if (outcome == null) {
            return value(seccomp.defaultAction(), seccomp.defaultErrno());
        }
        for (Alternative alternative : outcome.alternatives()) {
            if (alternative.conditions().stream().allMatch(c -> c.holds(arguments[c.index()]))) {
                return alternative.value();
            }
        }
        return outcome.otherwise();
    }

    private byte[] compile(Abi native64) {
        int foreign = ret(Action.KILL_PROCESS.value());
        int search = foreign;
        for (Abi arch : native64.compatible()) {
            if (seccomp.architectures().contains(arch.specName())) {
                int entry = load(NUMBER, search(arch));
                search = jump(JEQ, arch.audit(), entry, search);
            }
        }
        int entry = search(native64);
        if (native64 == Abi.X86_64) {
            int x32 = ret(value(Action.ERRNO, ENOSYS));
            entry = jump(JGE, X32_BIT, x32, entry);
        }
        entry = load(NUMBER, entry);
        load(ARCH, jump(JEQ, native64.audit(), entry, search));
        if (reversed.size() > MAX_INSTRUCTIONS) {
            throw new InvalidParameter(
                    "seccomp profile needs "
                            + reversed.size()
                            + " instructions, more than "
                            + MAX_INSTRUCTIONS);
        }
        var program = ByteBuffer.allocate(reversed.size() * 8).order(ByteOrder.nativeOrder());
        for (int i = reversed.size() - 1; i >= 0; i--) {
            long word = reversed.get(i);
            program.putShort((short) (word >>> 48))
                    .put((byte) (word >>> 40))
                    .put((byte) (word >>> 32))
                    .putInt((int) word);
        }
        return program.array();
    }

    private static int value(Action action, int data) {
        return switch (action) {
            case ERRNO, TRACE -> action.value() | (data & 0xffff);
            case KILL_PROCESS, KILL_THREAD, TRAP, NOTIFY, LOG, ALLOW -> action.value();
        };
    }

    /// The calls with a rule, by number. The most restrictive of the actions that apply wins.
    private static Map<Integer, Outcome> outcomes(Seccomp seccomp, Abi arch) {
        int otherwise = value(seccomp.defaultAction(), seccomp.defaultErrno());
        var byNumber = new TreeMap<Integer, List<Alternative>>();
        for (Rule rule : seccomp.rules()) {
            int value = value(rule.action(), rule.errno());
            // As runc: a rule that says what the default says is no rule.
            if (value != otherwise) {
                List<Alternative> alternatives = alternatives(rule, value);
                for (String name : rule.names()) {
                    arch.number(name)
                            .ifPresent(number ->
                                    byNumber.computeIfAbsent(number, _ -> new ArrayList<>())
                                            .addAll(alternatives));
                }
            }
        }
        var outcomes = new TreeMap<Integer, Outcome>();
        byNumber.forEach((number, all) -> outcomes.put(number, outcome(all, otherwise)));
        return outcomes;
    }

    private static List<Alternative> alternatives(Rule rule, int value) {
        long indices = rule.conditions().stream().mapToInt(Condition::index).distinct().count();
        if (indices == rule.conditions().size()) {
            return List.of(new Alternative(rule.conditions(), value));
        }
        // As runc: several conditions on one argument make each condition a rule.
        return rule.conditions().stream().map(c -> new Alternative(List.of(c), value)).toList();
    }

    private static Outcome outcome(List<Alternative> all, int otherwise) {
        var kept = new ArrayList<Alternative>();
        // Signed order of the action's bits is the kernel's order of precedence.
        all.stream()
                .distinct()
                .sorted((a, b) -> Integer.compare(rank(a.value()), rank(b.value())))
                .forEach(kept::add);
        for (int i = 0; i < kept.size(); i++) {
            if (kept.get(i).conditions().isEmpty()) {
                int value = kept.get(i).value();
                List<Alternative> before = List.copyOf(kept.subList(0, i));
                return new Outcome(before, value);
            }
        }
        return new Outcome(List.copyOf(kept), otherwise);
    }

    private static int rank(int value) {
        return value & 0xffff0000;
    }

    /// Emits the search for the number in the accumulator.
    private int search(Abi arch) {
        Map<Integer, Outcome> outcomes = outcomes(seccomp, arch);
        var none = new Outcome(List.of(), value(seccomp.defaultAction(), seccomp.defaultErrno()));
        var ranges = new ArrayList<Range>();
        ranges.add(new Range(0, none));
        int next = 0;
        for (var entry : outcomes.entrySet()) {
            if (entry.getKey() > next) {
                append(ranges, next, none);
            }
            append(ranges, entry.getKey(), entry.getValue());
            next = entry.getKey() + 1;
        }
        append(ranges, next, none);
        return tree(ranges, new HashMap<>());
    }

    private static void append(List<Range> ranges, int start, Outcome outcome) {
        Range last = ranges.getLast();
        if (last.outcome().equals(outcome)) {
            return;
        }
        if (last.start() == start) {
            ranges.removeLast();
            if (!ranges.isEmpty() && ranges.getLast().outcome().equals(outcome)) {
                return;
            }
        }
        ranges.add(new Range(start, outcome));
    }

    private int tree(List<Range> ranges, Map<Outcome, Integer> emitted) {
        if (ranges.size() == 1) {
            return emitted.computeIfAbsent(ranges.getFirst().outcome(), this::leaf);
        }
        int middle = ranges.size() / 2;
        int upper = tree(ranges.subList(middle, ranges.size()), emitted);
        int lower = tree(ranges.subList(0, middle), emitted);
        return jump(JGE, ranges.get(middle).start(), upper, lower);
    }

    private int leaf(Outcome outcome) {
        int target = ret(outcome.otherwise());
        for (Alternative alternative : outcome.alternatives().reversed()) {
            int failed = target;
            int holds = ret(alternative.value());
            for (Condition condition : alternative.conditions().reversed()) {
                holds = compare(condition, holds, failed);
            }
            target = holds;
        }
        return target;
    }

    /// Emits the comparison of a 64-bit argument as two 32-bit ones.
    private int compare(Condition condition, int yes, int no) {
        return switch (condition.operator()) {
            case EQ -> equal(condition, -1L, condition.value(), yes, no);
            case NE -> equal(condition, -1L, condition.value(), no, yes);
            case MASKED_EQ -> equal(condition, condition.value(), condition.valueTwo(), yes, no);
            case GT -> greater(condition, JGT, yes, no);
            case GE -> greater(condition, JGE, yes, no);
            case LE -> greater(condition, JGT, no, yes);
            case LT -> greater(condition, JGE, no, yes);
        };
    }

    private int equal(Condition condition, long mask, long value, int yes, int no) {
        int low = jump(JEQ, (int) value, yes, no);
        low = masked((int) mask, low);
        low = load(ARGUMENTS + 8 * condition.index(), low);
        int high = jump(JEQ, (int) (value >>> 32), low, no);
        high = masked((int) (mask >>> 32), high);
        return load(ARGUMENTS + 8 * condition.index() + 4, high);
    }

    private int masked(int mask, int next) {
        return mask == -1 ? next : emit(AND, 0, 0, mask, next);
    }

    private int greater(Condition condition, int lowTest, int yes, int no) {
        int low = jump(lowTest, (int) condition.value(), yes, no);
        low = load(ARGUMENTS + 8 * condition.index(), low);
        int same = jump(JEQ, (int) (condition.value() >>> 32), low, no);
        int high = jump(JGT, (int) (condition.value() >>> 32), yes, same);
        return load(ARGUMENTS + 8 * condition.index() + 4, high);
    }

    private int ret(int value) {
        return push(RET, 0, 0, value);
    }

    private int load(int offset, int next) {
        return emit(LD_ABS, 0, 0, offset, next);
    }

    /// Emits an instruction that is followed by the one at [next].
    private int emit(int code, int jt, int jf, int k, int next) {
        if (next != reversed.size() - 1) {
            push(JA, 0, 0, reversed.size() - next - 1);
        }
        return push(code, jt, jf, k);
    }

    private int jump(int code, int k, int yes, int no) {
        int nearYes = near(yes);
        int nearNo = near(no);
        int at = reversed.size();
        return push(code, at - nearYes - 1, at - nearNo - 1, k);
    }

    /// The target itself, or a jump to it that is near enough. Emitting two of these moves a near
    /// target by at most two.
    private int near(int target) {
        int distance = reversed.size() - target - 1;
        return distance <= 250 ? target : push(JA, 0, 0, distance);
    }

    private int push(int code, int jt, int jf, int k) {
        reversed.add(
                ((long) code << 48) | ((long) jt << 40) | ((long) jf << 32) | (k & 0xffffffffL));
        return reversed.size() - 1;
    }
}
