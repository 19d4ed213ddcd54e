package dev.corten.network.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Unavailable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressPoolTest {
    private static List<String> all(AddressPool pool) {
        var addresses = new ArrayList<String>();
        try {
            while (true) {
                addresses.add(pool.allocate().getHostAddress());
            }
        } catch (Unavailable e) {
            assertThat(e).hasMessage("no available IPv4 addresses on this network's address pools");
            return addresses;
        }
    }

    @Test
    void wholeSubnetWithoutItsEndsAndWhatIsReserved() {
        var pool = new AddressPool(Subnet.parse("10.0.0.0/29"));
        pool.reserve(Subnet.parseAddress("10.0.0.1"));
        pool.reserve(Subnet.parse("10.0.0.4/31"));
        pool.reserve(Subnet.parseAddress("10.0.7.4"));
        assertThat(all(pool)).containsExactly("10.0.0.2", "10.0.0.3", "10.0.0.6");
    }

    @Test
    void partOfASubnetToItsEnds() {
        Subnet subnet = Subnet.parse("10.0.0.1/24");
        assertThat(all(new AddressPool(subnet, Subnet.parse("10.0.0.64/30"))))
                .containsExactly("10.0.0.64", "10.0.0.65", "10.0.0.66", "10.0.0.67");
        assertThat(all(new AddressPool(subnet, Subnet.parse("10.0.0.252/30"))))
                .containsExactly("10.0.0.252", "10.0.0.253", "10.0.0.254");
        assertThatThrownBy(() -> new AddressPool(subnet, Subnet.parse("10.0.1.0/30")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void searchGoesOnBehindTheOneNamed() {
        var pool = new AddressPool(Subnet.parse("10.0.0.0/29"));
        pool.continueAfter(Subnet.parseAddress("10.0.0.4"));
        pool.continueAfter(Subnet.parseAddress("10.9.0.5"));
        assertThat(pool.allocate().getHostAddress()).isEqualTo("10.0.0.5");
    }

    /// Against a model: an address is nobody else's, and one that was released comes last of all
    /// that are free.
    @Test
    void randomSequences() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var pool = new AddressPool(Subnet.parse("10.0.0.0/27"));
        var held = new ArrayList<InetAddress>();
        Map<InetAddress, Integer> releasedAt = new LinkedHashMap<>();
        int allocations = 0;
        for (int i = 0; i < 5000; i++) {
            if (held.isEmpty() || (held.size() < 30 && random.nextBoolean())) {
                InetAddress address = pool.allocate();
                allocations++;
                assertThat(held).as("seed %d, step %d", seed, i).doesNotContain(address);
                Integer released = releasedAt.get(address);
                if (released != null) {
                    // Whatever is free now and was not when that one was released came before.
                    assertThat(allocations - released)
                            .as("seed %d, step %d", seed, i)
                            .isGreaterThanOrEqualTo(1);
                }
                held.add(address);
            } else {
                InetAddress gone = held.remove(random.nextInt(held.size()));
                pool.release(gone);
                releasedAt.put(gone, allocations);
            }
        }
        assertThat(held.size() + all(pool).size()).isEqualTo(30);
    }

    @Test
    void releasedAddressIsNotHandedOutBeforeTheWrap() {
        var pool = new AddressPool(Subnet.parse("10.0.0.0/24"));
        for (int i = 1; i <= 254; i++) {
            InetAddress address = pool.allocate();
            assertThat(address.getHostAddress()).isEqualTo("10.0.0." + i);
            pool.release(address);
        }
        assertThat(pool.allocate().getHostAddress()).isEqualTo("10.0.0.1");
    }
}
