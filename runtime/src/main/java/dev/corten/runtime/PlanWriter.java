package dev.corten.runtime;

import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import dev.corten.runtime.Plan.Meaning;
import dev.corten.runtime.Plan.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes a plan, instruction by instruction. Knows the format, not what a container is.
///
/// Every instruction carries the words that were set last ([#words]), and the shim's report of a
/// failure leads back to them.
final class PlanWriter {
    /// No register, no descriptor: `0xffffffff` of the format.
    static final int NONE = -1;

    // From docs/formats/shim-protocol.md.
    private static final int MAGIC = 0x4e4c5043;
    private static final int VERSION = 1;
    private static final int HEADER = 128;
    private static final int INSTRUCTION = 64;
    private static final int FIRST_REGISTER = 3;
    private static final int MAX_REGISTERS = 320;
    private static final int MAX_DESCRIPTORS = 250;
    private static final int MAX_DATA = 12 << 20;
    private static final int NO_DESTINATION = 0xffff;
    private static final int OPERATION = 0x80000000;

    /// The operations that are no system calls.
    enum Operation {
        RELOC(0),
        STORE(1),
        ENSURE(2),
        SYNC(3),
        SENDFD(4),
        FORK(5),
        TTY(6),
        STDIO(7),
        EXPECT(8),
        FIND(9),
        RUN(10),
        ADOPT(11),
        RECEIVE(12),
        LEAVE(13);

        private final int number;

        Operation(int number) {
            this.number = number;
        }
    }

    /// What an argument is: a number, a register's content, or the address of data.
    record Arg(int kind, long value) {
        private static final int IMMEDIATE = 0;
        private static final int REGISTER = 1;
        private static final int DATA = 2;
    }

    /// Header fields that are not about instructions.
    record Header(
            int kind,
            long cloneFlags,
            int cgroupRegister,
            int flags,
            int logRegister,
            int logName,
            long logMaxSize,
            int logMaxFiles,
            int exitRegister,
            int oomRegister,
            int oomKind,
            int stopSignal,
            int stopGraceMillis,
            int killRegister,
            int rows,
            int columns,
            int containerId) {}

    private final List<Fd> descriptors = new ArrayList<>();
    private final Map<Fd, Integer> descriptorRegisters = new HashMap<>();
    private final List<Step> outside = new ArrayList<>();
    private final List<Step> inside = new ArrayList<>();
    private final Map<String, Integer> strings = new HashMap<>();
    private final Map<Integer, String> textAt = new HashMap<>();

    private ByteBuffer code = little(64 * INSTRUCTION);
    private ByteBuffer data = little(4096);
    private boolean inChild;
    private int registers = NONE;
    private String words = "";
    private Meaning meaning = Meaning.STEP;

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Names the steps that follow.
    void words(String text) {
        words(text, Meaning.STEP);
    }

    void words(String text, Meaning what) {
        words = text;
        meaning = what;
    }

    /// A register that holds this descriptor from the start. All are named before the first
    /// [#register] is taken.
    int descriptor(Fd fd) {
        Integer known = descriptorRegisters.get(fd);
        if (known != null) {
            return known;
        }
        if (registers != NONE) {
            throw new IllegalStateException("descriptor after the first register");
        }
        if (descriptors.size() >= MAX_DESCRIPTORS - FIRST_REGISTER) {
            throw new InvalidParameter("container needs too many mounts from the host");
        }
        descriptors.add(fd);
        int register = FIRST_REGISTER + descriptors.size() - 1;
        descriptorRegisters.put(fd, register);
        return register;
    }

    /// A register for results.
    int register() {
        if (registers == NONE) {
            registers = FIRST_REGISTER + descriptors.size();
        }
        if (registers >= MAX_REGISTERS) {
            throw new InvalidParameter("container needs too many mounts and devices");
        }
        return registers++;
    }

    static Arg number(long value) {
        return new Arg(Arg.IMMEDIATE, value);
    }

    static Arg in(int register) {
        return new Arg(Arg.REGISTER, register);
    }

    static Arg at(int offset) {
        return new Arg(Arg.DATA, offset);
    }

    /// The steps that follow are the child's.
    void inside() {
        inChild = true;
    }

    void call(Syscall call, Arg... arguments) {
        callInto(NONE, 0, call, arguments);
    }

    /// A call whose result is kept, tolerating errors given as a mask of [#tolerating].
    void callInto(int destination, long tolerated, Syscall call, Arg... arguments) {
        write(call.number(), call.callName(), destination, tolerated, arguments);
    }

    void operation(Operation operation, Arg... arguments) {
        operationInto(NONE, 0, operation, arguments);
    }

    void operationInto(int destination, long tolerated, Operation operation, Arg... arguments) {
        write(OPERATION | operation.number, operation.name(), destination, tolerated, arguments);
    }

    static long tolerating(int... errnos) {
        long mask = 0;
        for (int errno : errnos) {
            mask |= 1L << errno;
        }
        return mask;
    }

    private void write(int number, String name, int destination, long tolerated, Arg... arguments) {
        if (code.remaining() < INSTRUCTION) {
            code = little(code.capacity() * 2).put(code.flip());
        }
        int start = code.position();
        int kinds = 0;
        code.putInt(number)
                .putShort((short) (destination == NONE ? NO_DESTINATION : destination))
                .putShort((short) 0)
                .putLong(tolerated);
        for (int i = 0; i < 6; i++) {
            Arg argument = i < arguments.length ? arguments[i] : number(0);
            kinds |= argument.kind() << (2 * i);
            code.putLong(argument.value());
        }
        code.putShort(start + 6, (short) kinds);
        (inChild ? inside : outside)
                .add(new Step(words, meaning, text(name, destination, tolerated, arguments)));
    }

    private String text(String name, int destination, long tolerated, Arg... arguments) {
        var text = new StringBuilder();
        if (destination != NONE) {
            text.append('r').append(destination).append(" = ");
        }
        text.append(name).append('(');
        for (int i = 0; i < arguments.length; i++) {
            Arg argument = arguments[i];
            text.append(i == 0 ? "" : ", ");
            switch (argument.kind()) {
                case Arg.IMMEDIATE -> {
                    long v = argument.value();
                    text.append(v < 4096 ? Long.toString(v) : "0x" + Long.toHexString(v));
                }
                case Arg.REGISTER -> text.append('r').append(argument.value());
                default -> text.append(textAt.getOrDefault((int) argument.value(), "data"));
            }
        }
        text.append(')');
        if (tolerated != 0) {
            text.append(" tolerating");
            for (int e = 1; e < 64; e++) {
                if ((tolerated & (1L << e)) != 0) {
                    text.append(' ').append(dev.corten.kernel.Errno.nameOf(e));
                }
            }
        }
        return text.toString();
    }

    /// The offset of these bytes, aligned to 8.
    int data(byte[] bytes) {
        int offset = reserve(bytes.length);
        data.put(offset, bytes);
        return offset;
    }

    /// Zeroed room in the data segment, aligned to 8.
    int reserve(int size) {
        int offset = (data.position() + 7) & ~7;
        if (offset + size > MAX_DATA) {
            throw new InvalidParameter("arguments and environment are too large");
        }
        if (data.capacity() < offset + size) {
            data = little(Math.max(data.capacity() * 2, offset + size)).put(data.flip());
        }
        data.position(offset + size);
        return offset;
    }

    /// The offset of a NUL-terminated string; equal strings share one.
    int string(String text) {
        return strings.computeIfAbsent(
                text,
                key -> {
                    byte[] bytes = RawText.encode(key);
                    int offset = data(Arrays.copyOf(bytes, bytes.length + 1));
                    textAt.put(offset, '"' + key + '"');
                    return offset;
                });
    }

    int string(PathBytes path) {
        return string(path.toString());
    }

    /// 64-bit words one after another, as many of the kernel's structures are.
    int longs(String name, long... values) {
        int offset = reserve(values.length * 8);
        for (int i = 0; i < values.length; i++) {
            data.putLong(offset + 8 * i, values[i]);
        }
        textAt.put(offset, name);
        return offset;
    }

    int ints(String name, int... values) {
        int offset = reserve(values.length * 4);
        for (int i = 0; i < values.length; i++) {
            data.putInt(offset + 4 * i, values[i]);
        }
        textAt.put(offset, name);
        return offset;
    }

    /// A NULL-terminated array of pointers to strings; the pointers are made by RELOC steps.
    int pointers(String name, List<String> texts) {
        int offset = reserve((texts.size() + 1) * 8);
        textAt.put(offset, name);
        for (int i = 0; i < texts.size(); i++) {
            int cell = offset + 8 * i;
            textAt.putIfAbsent(cell, name + "[" + i + "]");
            operation(Operation.RELOC, number(cell), number(string(texts.get(i))));
        }
        textAt.put(offset, name);
        return offset;
    }

    /// Bytes that golden files shall name instead of showing.
    int named(String name, byte[] bytes) {
        int offset = data(bytes);
        textAt.put(offset, name);
        return offset;
    }

    int descriptorCount() {
        return descriptors.size();
    }

    Plan finish(Header header) {
        int registerCount = registers == NONE ? FIRST_REGISTER + descriptors.size() : registers;
        int codeSize = code.position();
        int dataSize = (data.position() + 7) & ~7;
        int outsideSize = outside.size() * INSTRUCTION;
        ByteBuffer plan = little(HEADER + codeSize + dataSize);
        plan.putInt(MAGIC)
                .putInt(VERSION)
                .putInt(header.kind())
                .putInt(registerCount)
                .putInt(HEADER)
                .putInt(outside.size())
                .putInt(HEADER + outsideSize)
                .putInt(inside.size())
                .putInt(HEADER + codeSize)
                .putInt(dataSize)
                .putLong(header.cloneFlags())
                .putInt(header.cgroupRegister())
                .putInt(header.flags())
                .putInt(header.logRegister())
                .putInt(header.logName())
                .putLong(header.logMaxSize())
                .putInt(header.logMaxFiles())
                .putInt(header.exitRegister())
                .putInt(header.oomRegister())
                .putInt(header.oomKind())
                .putInt(header.stopSignal())
                .putInt(header.stopGraceMillis())
                .putInt(header.killRegister())
                .putInt(header.rows())
                .putInt(header.columns())
                .putInt(header.containerId());
        plan.position(HEADER);
        plan.put(code.duplicate().flip());
        plan.put(data.duplicate().flip());
        return new Plan(plan.array(), descriptors, outside, inside);
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
