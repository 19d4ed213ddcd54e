package dev.corten.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ByteQueueTest {
    /// The event loop may deliver more after it was told to pause, when the reader has made some
    /// room but not enough: the producer still waits for the reader's word then.
    @Test
    void resumesWhenMoreCameAfterThePause() throws IOException {
        var resumed = new AtomicInteger();
        var queue = new ByteQueue(() -> {}, resumed::incrementAndGet);
        assertFalse(queue.add(new byte[100_000]));
        assertTrue(queue.add(new byte[200_000]));
        queue.readNBytes(100_000);
        assertTrue(queue.add(new byte[10]));
        assertEquals(0, resumed.get());
        queue.readNBytes(200_010);
        assertEquals(1, resumed.get());
    }
}
