package dev.corten.store.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A database of four pages, laid out by hand: two meta pages, the root's leaf, and a leaf of the bucket.
class BoltFileTest {
    private static final int PAGE = 4096;

    @TempDir Path folder;

    /// @param latest which of the meta pages is the one to be read; the other leads nowhere
    private static byte[] database(int latest) {
        var db = ByteBuffer.allocate(4 * PAGE).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 2; i++) {
            int meta = i * PAGE + 16;
            db.putInt(meta, 0xED0CDAED).putInt(meta + 4, 2).putInt(meta + 8, PAGE);
            db.putLong(meta + 16, i == latest ? 2 : 99);
            db.putLong(meta + 48, i == latest ? 7 : 6);
        }
        byte[] bucket = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(3).array();
        leaf(db, 2 * PAGE, "volumes", bucket);
        leaf(db, 3 * PAGE, "v1", "{}".getBytes(StandardCharsets.UTF_8));
        return db.array();
    }

    private static void leaf(ByteBuffer db, int page, String key, byte[] value) {
        db.putShort(page + 8, (short) 2).putShort(page + 10, (short) 1);
        int element = page + 16;
        db.putInt(element + 4, 16).putInt(element + 8, key.length());
        db.putInt(element + 12, value.length);
        db.put(element + 16, key.getBytes(StandardCharsets.UTF_8));
        db.put(element + 16 + key.length(), value);
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("db"), content);
    }

    @Test
    void theLatestCommitCounts() throws IOException {
        for (int latest = 0; latest < 2; latest++) {
            var entries = BoltFile.bucket(file(database(latest)), "volumes");
            assertThat(entries).containsOnlyKeys("v1");
            assertThat(entries.get("v1")).asString().isEqualTo("{}");
        }
        assertThat(BoltFile.bucket(file(database(0)), "other")).isEmpty();
    }

    @Test
    void whatIsNoDatabaseIsRefused() throws IOException {
        assertThatThrownBy(() -> BoltFile.bucket(file(new byte[9000]), "volumes"))
                .isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> BoltFile.bucket(file(new byte[3]), "volumes"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("is damaged");
    }

    /// Each page leads to the next one sixty times.
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pagesInManyPlacesAreRefused() throws IOException {
        int pages = 12;
        var db = ByteBuffer.allocate(pages * PAGE).order(ByteOrder.LITTLE_ENDIAN);
        db.put(database(0));
        for (int page = 2; page < pages - 1; page++) {
            db.putShort(page * PAGE + 8, (short) 1).putShort(page * PAGE + 10, (short) 60);
            for (int i = 0; i < 60; i++) {
                db.putLong(page * PAGE + 16 + i * 16 + 8, page + 1);
            }
        }
        leaf(db, (pages - 1) * PAGE, "v", new byte[0]);
        assertThatThrownBy(() -> BoltFile.bucket(file(db.array()), "volumes"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("two places");
    }

    /// Whatever is in it: an answer or a refusal.
    @Test
    void damageIsNeverMoreThanARefusal() throws IOException {
        var random = new Random(42);
        for (int n = 0; n < 3000; n++) {
            byte[] damaged = database(n % 2);
            for (int i = 0; i <= n % 4; i++) {
                int page = random.nextInt(4) * PAGE;
                damaged[page + random.nextInt(80)] = (byte) random.nextInt();
            }
            try {
                BoltFile.bucket(file(damaged), "volumes");
            } catch (InvalidParameter e) {
                assertThat(e.message()).isNotEmpty();
            }
        }
    }
}
