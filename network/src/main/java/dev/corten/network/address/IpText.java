package dev.corten.network.address;

import java.net.Inet4Address;
import java.net.InetAddress;

/// IP addresses as Go and RFC 5952 write them; Java spells IPv6 out.
public final class IpText {
    private static final int GROUPS = 8;

    private IpText() {}

    /// `172.17.0.1`, `::`, `fd00::1`.
    public static String of(InetAddress address) {
        if (address instanceof Inet4Address) {
            return address.getHostAddress();
        }
        byte[] bytes = address.getAddress();
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF;
        }
        int zeros = 0; // the first of the longest run, which has two groups at least
        int length = 1;
        for (int start = 0; start < GROUPS; start++) {
            int end = start;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - start > length) {
                zeros = start;
                length = end - start;
            }
        }
        if (length == 1) {
            return join(groups, 0, GROUPS);
        }
        return join(groups, 0, zeros) + "::" + join(groups, zeros + length, GROUPS);
    }

    private static String join(int[] groups, int from, int to) {
        var text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i > from ? ":" : "").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    /// With the port behind it: `172.17.0.1:80`, `[::]:80`.
    public static String of(InetAddress address, int port) {
        String text = of(address);
        return (address instanceof Inet4Address ? text : "[" + text + "]") + ":" + port;
    }
}
