package dev.corten.kernel.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Runs the subset of classic BPF that seccomp allows, checking what the kernel checks.
final class BpfInterpreter {
    private BpfInterpreter() {}

    static int run(byte[] program, int arch, int number, long[] arguments) {
        var data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0, number).putInt(4, arch);
        for (int i = 0; i < 6; i++) {
            data.putLong(16 + 8 * i, arguments[i]);
        }
        var code = ByteBuffer.wrap(program).order(ByteOrder.nativeOrder());
        int a = 0;
        for (int pc = 0; ; pc++) {
            int op = code.getShort(pc * 8) & 0xffff;
            int jt = code.get(pc * 8 + 2) & 0xff;
            int jf = code.get(pc * 8 + 3) & 0xff;
            int k = code.getInt(pc * 8 + 4);
            switch (op) {
                case 0x20 -> {
                    if (k % 4 != 0) {
                        throw new IllegalStateException("unaligned load at " + pc);
                    }
                    a = data.getInt(k);
                }
                case 0x54 -> a &= k;
                case 0x05 -> pc += k;
                case 0x15 -> pc += a == k ? jt : jf;
                case 0x25 -> pc += Integer.compareUnsigned(a, k) > 0 ? jt : jf;
                case 0x35 -> pc += Integer.compareUnsigned(a, k) >= 0 ? jt : jf;
                case 0x06 -> {
                    return k;
                }
                default -> throw new IllegalStateException("instruction " + op + " at " + pc);
            }
        }
    }
}
