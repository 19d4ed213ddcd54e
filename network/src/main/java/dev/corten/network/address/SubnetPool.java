package dev.corten.network.address;

import dev.corten.model.InvalidParameter;
import java.net.Inet4Address;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Addresses that are cut into subnets of one size (`base=172.80.0.0/16,size=24`).
///
/// @param size the prefix length of each subnet
public record SubnetPool(Subnet base, int size) {
    /// Docker's, in its order.
    public static final List<SubnetPool> DEFAULTS =
            List.of(
                    of("172.17.0.0/16", 16),
                    of("172.18.0.0/16", 16),
                    of("172.19.0.0/16", 16),
                    of("172.20.0.0/14", 16),
                    of("172.24.0.0/14", 16),
                    of("172.28.0.0/14", 16),
                    of("192.168.0.0/16", 20));

    /// A subnet must have room for a gateway and a container.
    private static final int SMALLEST = 30;

    public SubnetPool {
        if (!(base.address() instanceof Inet4Address)) {
            throw new InvalidParameter(
                    "default address pool " + base + ": only IPv4 pools are supported");
        }
        if (size < base.prefixLength() || size > SMALLEST) {
            throw new InvalidParameter(
                    "invalid pool size " + size + " for the default address pool " + base);
        }
    }

    private static SubnetPool of(String base, int size) {
        return new SubnetPool(Subnet.parse(base), size);
    }

    /// Whether this is one of its subnets.
    public boolean has(Subnet subnet) {
        return subnet.prefixLength() == size && base.contains(subnet.address());
    }

    /// The subnets, lowest first, each given as its first address.
    public Stream<Subnet> subnets() {
        long count = 1L << (size - base.prefixLength());
        long step = 1L << (Integer.SIZE - size);
        return LongStream.range(0, count).mapToObj(i -> new Subnet(base.at(i * step), size));
    }
}
