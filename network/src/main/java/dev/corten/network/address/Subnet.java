package dev.corten.network.address;

import dev.corten.model.InvalidParameter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// An address with the length of its network's prefix, `172.17.0.1/16`.
///
/// The address may be any in the subnet; [#network] is the first.
public record Subnet(InetAddress address, int prefixLength) {
    /// `0.0.0.0`.
    public static final InetAddress ANY = address(new byte[4]);

    public Subnet {
        if (prefixLength < 0 || prefixLength > 8 * address.getAddress().length) {
            throw new IllegalArgumentException(
                    "prefix length " + prefixLength + " for " + address.getHostAddress());
        }
    }

    /// Reads `172.17.0.1/16`.
    ///
    /// @throws InvalidParameter in the words of Docker's Go if the text is something else
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        try {
            if (slash > 0) {
                return new Subnet(
                        parseAddress(text.substring(0, slash)), prefix(text.substring(slash + 1)));
            }
        } catch (InvalidParameter | IllegalArgumentException e) {
            throw new InvalidParameter("invalid CIDR address: " + text, e);
        }
        throw new InvalidParameter("invalid CIDR address: " + text);
    }

    private static int prefix(String digits) {
        if (!digits.matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("prefix " + digits);
        }
        return Integer.parseInt(digits);
    }

    /// Reads an address without ever asking DNS, and without the short forms of `inet_aton`.
    public static InetAddress parseAddress(String text) {
        boolean quad = text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
        // Java also reads brackets and zones.
        if (quad || (text.indexOf(':') >= 0 && text.matches("[0-9a-fA-F:.]+"))) {
            try {
                return InetAddress.ofLiteral(text);
            } catch (IllegalArgumentException e) {
                throw new InvalidParameter("invalid IP address: " + text, e);
            }
        }
        throw new InvalidParameter("invalid IP address: " + text);
    }

    /// The address of these four or sixteen bytes.
    public static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
        }
    }

    /// The first address, all of whose host bits are zero.
    public InetAddress network() {
        return at(BigInteger.ZERO);
    }

    /// The address `offset` behind the first.
    public InetAddress at(long offset) {
        return at(BigInteger.valueOf(offset));
    }

    private InetAddress at(BigInteger offset) {
        byte[] bytes = address.getAddress();
        for (int bit = prefixLength; bit < 8 * bytes.length; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >>> (bit % 8));
        }
        byte[] sum = new BigInteger(1, bytes).add(offset).toByteArray();
        Arrays.fill(bytes, (byte) 0);
        int length = Math.min(sum.length, bytes.length);
        System.arraycopy(sum, sum.length - length, bytes, bytes.length - length, length);
        return address(bytes);
    }

    /// How far behind the first address this one is.
    ///
    /// @throws IllegalArgumentException if the subnet does not contain it
    public long offset(InetAddress member) {
        if (!contains(member)) {
            throw new IllegalArgumentException(member.getHostAddress() + " is not in " + this);
        }
        return new BigInteger(1, member.getAddress())
                .subtract(new BigInteger(1, network().getAddress()))
                .longValueExact();
    }

    /// The number of bits that tell the subnet's addresses apart.
    public int hostBits() {
        return 8 * address.getAddress().length - prefixLength;
    }

    public boolean contains(InetAddress other) {
        return other.getAddress().length == address.getAddress().length
                && new Subnet(other, prefixLength).network().equals(network());
    }

    public boolean overlaps(Subnet other) {
        return prefixLength <= other.prefixLength
                ? contains(other.address)
                : other.contains(address);
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength;
    }
}
