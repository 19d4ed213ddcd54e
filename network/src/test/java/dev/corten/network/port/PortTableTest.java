package dev.corten.network.port;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.network.address.Subnet;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortTableTest {
    private static final InetAddress ANY_6 = Subnet.parseAddress("::");
    private static final InetAddress LOOPBACK = Subnet.parseAddress("127.0.0.1");
    private static final PortRange RANGE = new PortRange(100, 109);

    @TempDir Path directory;

    private PortTable table;

    @BeforeEach
    void open() throws Exception {
        table = new PortTable(Cursors.open(directory.resolve("cursors")));
    }

    private int choose(Protocol protocol, InetAddress... addresses) {
        List<InetAddress> all = List.of(addresses);
        int port = table.candidates(protocol, all, RANGE).findFirst().orElseThrow();
        table.chosen(protocol, all, RANGE, port);
        all.forEach(ip -> table.take(new PublishedPort(ip, port, 80, protocol)));
        return port;
    }

    private void release(int port, Protocol protocol, InetAddress... addresses) {
        for (InetAddress ip : addresses) {
            table.release(new PublishedPort(ip, port, 80, protocol));
        }
    }

    @Test
    void protocolsAndAddressesCountByThemselves() {
        assertThat(choose(Protocol.TCP, Subnet.ANY, ANY_6)).isEqualTo(100);
        assertThat(choose(Protocol.UDP, Subnet.ANY, ANY_6)).isEqualTo(100);
        assertThat(choose(Protocol.TCP, LOOPBACK)).as("100 is taken on 0.0.0.0").isEqualTo(101);
        assertThat(choose(Protocol.TCP, Subnet.ANY, ANY_6)).isEqualTo(102);
        assertThat(choose(Protocol.TCP, Subnet.parseAddress("::1"))).isEqualTo(101);
    }

    @Test
    void releasedNumberWaitsUntilTheRangeWraps() {
        assertThat(choose(Protocol.TCP, Subnet.ANY)).isEqualTo(100);
        release(100, Protocol.TCP, Subnet.ANY);
        for (int i = 1; i < 10; i++) {
            assertThat(choose(Protocol.TCP, Subnet.ANY)).isEqualTo(100 + i);
        }
        assertThat(choose(Protocol.TCP, Subnet.ANY)).isEqualTo(100);
    }

    @Test
    void conflictNamesWhoHasIt() {
        table.take(new PublishedPort(LOOPBACK, 80, 80, Protocol.TCP));
        assertThat(table.conflict(Protocol.TCP, List.of(Subnet.ANY, ANY_6), 80)).contains(LOOPBACK);
        assertThat(table.conflict(Protocol.TCP, List.of(ANY_6), 80)).isEmpty();
        assertThat(table.conflict(Protocol.UDP, List.of(Subnet.ANY), 80)).isEmpty();
        assertThat(table.conflict(Protocol.TCP, List.of(Subnet.parseAddress("127.0.0.2")), 80))
                .isEmpty();
    }

    @Test
    void searchesGoOnAfterARestart() throws Exception {
        assertThat(choose(Protocol.TCP, Subnet.ANY)).isEqualTo(100);
        release(100, Protocol.TCP, Subnet.ANY);
        open();
        assertThat(choose(Protocol.TCP, Subnet.ANY)).isEqualTo(101);
    }

    /// Against a model: never a number that is taken, and of the free ones the one that the search
    /// comes to first.
    @Test
    void randomSequences() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        List<List<InetAddress>> places =
                List.of(List.of(Subnet.ANY, ANY_6), List.of(Subnet.ANY), List.of(LOOPBACK));
        record Taken(List<InetAddress> place, int port) {}
        var model = new ArrayList<Taken>();
        Map<List<InetAddress>, Integer> last = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            List<InetAddress> place = places.get(random.nextInt(places.size()));
            if (random.nextInt(3) > 0) {
                OptionalInt chosen = table.candidates(Protocol.TCP, place, RANGE).findFirst();
                var free = new ArrayList<Integer>();
                int start = last.getOrDefault(List.of(place.getFirst()), 99) + 1;
                for (int k = 0; k < 10; k++) {
                    int port = 100 + Math.floorMod(start - 100 + k, 10);
                    // All of these places meet on IPv4.
                    if (model.stream().noneMatch(taken -> taken.port == port)) {
                        free.add(port);
                    }
                }
                assertThat(chosen.isPresent()).as("seed %d", seed).isEqualTo(!free.isEmpty());
                if (chosen.isPresent()) {
                    int port = chosen.getAsInt();
                    assertThat(port).as("seed %d, step %d", seed, i).isEqualTo(free.getFirst());
                    table.chosen(Protocol.TCP, place, RANGE, port);
                    place.forEach(ip -> {
                        table.take(new PublishedPort(ip, port, 80, Protocol.TCP));
                        last.put(List.of(ip), port);
                    });
                    model.add(new Taken(place, port));
                }
            } else if (!model.isEmpty()) {
                Taken gone = model.remove(random.nextInt(model.size()));
                gone.place.forEach(ip -> release(gone.port, Protocol.TCP, ip));
            }
        }
    }
}
