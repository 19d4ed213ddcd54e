package dev.corten.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarEntry.Kind;
import dev.corten.model.PathBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarTest {
    private record Member(TarEntry entry, byte[] data) {}

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        for (long seed = 1; seed <= 200; seed++) {
            List<Member> members = randomMembers(new Random(seed));
            byte[] archive = write(members);
            List<Member> read = read(archive);
            assertThat(read).as("seed " + seed).hasSameSizeAs(members);
            for (int i = 0; i < members.size(); i++) {
                assertSame(read.get(i), members.get(i), "seed " + seed + " member " + i);
            }
            assertThat(write(read)).as("seed " + seed).isEqualTo(archive);
        }
    }

    @Test
    void damagedArchivesEndInAnErrorOrInEntries() throws IOException {
        var random = new Random(7);
        for (int round = 0; round < 3000; round++) {
            byte[] archive = write(randomMembers(new Random(round % 20)));
            for (int flip = random.nextInt(4); flip >= 0; flip--) {
                // within the first blocks, where headers are
                int at = random.nextInt(Math.min(archive.length, 4096));
                archive[at] = (byte) random.nextInt(256);
            }
            fixChecksums(archive, random);
            try {
                read(Arrays.copyOf(archive, archive.length - random.nextInt(2) * 700));
            } catch (TarFormatException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        }
    }

    /// As the docker command line sends a context whose Dockerfile lies elsewhere.
    @Test
    void theLastBlockMayNotBeFilled() throws IOException {
        byte[] archive = write(List.of(new Member(TarEntry.file("f", 0644, 5), bytes("hello"))));
        byte[] part = Arrays.copyOf(archive, 512 + 5);
        var tar = new TarReader(new ByteArrayInputStream(part), TarReader.End.ANYWHERE);
        assertThat(tar.next()).isPresent();
        assertThat(tar.data().readAllBytes()).isEqualTo(bytes("hello"));
        assertThat(tar.next()).isEmpty();
        var strict = new TarReader(new ByteArrayInputStream(part), TarReader.End.MARKED);
        assertThat(strict.next()).isPresent();
        assertThatThrownBy(strict::next).isInstanceOf(TarFormatException.class);
        byte[] shorter = Arrays.copyOf(archive, 512 + 4);
        var cut = new TarReader(new ByteArrayInputStream(shorter), TarReader.End.ANYWHERE);
        assertThat(cut.next()).isPresent();
        assertThatThrownBy(cut::next).isInstanceOf(TarFormatException.class);
    }

    @Test
    void truncationIsFoundAtEveryByte() throws IOException {
        byte[] archive = write(randomMembers(new Random(3)));
        int end = archive.length - 1024;
        for (int length = 1; length <= end; length += 13) {
            byte[] part = Arrays.copyOf(archive, length);
            assertThatThrownBy(() -> read(part)).isInstanceOf(TarFormatException.class);
        }
    }

    @Test
    void aMissingEndMarkIsAllowedWhereADigestProvesCompleteness() throws IOException {
        var members = List.of(new Member(TarEntry.file("a", 0644, 3), bytes("abc")));
        byte[] archive = Arrays.copyOf(write(members), 1024);
        var tar = new TarReader(new ByteArrayInputStream(archive), TarReader.End.ANYWHERE);
        assertThat(tar.next()).isPresent();
        assertThat(tar.next()).isEmpty();
    }

    @Test
    void readsWhatGnuTarWrites(@TempDir Path dir) throws Exception {
        Path tree = Files.createDirectory(dir.resolve("tree"));
        shell(
                tree,
                "mkdir -p 한글 'd e'; printf hello > 한글/f; printf x > $(printf '\\377n');"
                        + " ln -s /target link; ln 한글/f hard; mkfifo fifo; mknod null c 1 3; touch -d"
                        + " '2001-02-03 04:05:06.123456789Z' 한글/f; chmod 6755 한글/f; chown 3000000:5"
                        + " 'd e'; printf y > $(printf 'n%.0s' $(seq 250)); truncate -s 1M sparse;"
                        + " printf data | dd of=sparse bs=1 seek=500000 conv=notrunc status=none;"
                        + " truncate -s 5000 hole; python3 -c 'import os;"
                        + " os.setxattr(\"한글/f\", \"user.b\", bytes([0, 255, 128]))'; mkdir -p $(printf 'long%.0s' $(seq 40))/$(printf 'dir%.0s' $(seq"
                        + " 60)); touch $(printf 'long%.0s' $(seq 40))/$(printf 'dir%.0s' $(seq"
                        + " 60))/f");
        for (String options :
                List.of(
                        "--format=gnu",
                        "--format=gnu --sparse",
                        "--format=pax",
                        "--format=pax --xattrs --xattrs-include=*",
                        "--format=pax --sparse --sparse-version=0.0",
                        "--format=pax --sparse --sparse-version=0.1",
                        "--format=pax --sparse --sparse-version=1.0")) {
            shell(dir, "tar " + options + " --hard-dereference -C tree -cf out.tar .");
            Map<String, Member> members = new LinkedHashMap<>();
            for (Member member : read(Files.readAllBytes(dir.resolve("out.tar")))) {
                members.put(member.entry().name().toString(), member);
            }
            Member f = members.get("./한글/f");
            assertThat(f.data()).as(options).isEqualTo(bytes("hello"));
            assertThat(f.entry().mode()).isEqualTo(06755);
            if (options.contains("pax")) {
                assertThat(f.entry().mtime())
                        .isEqualTo(Instant.parse("2001-02-03T04:05:06.123456789Z"));
            }
            if (options.contains("xattrs")) {
                assertThat(f.entry().xattrs().get(PathBytes.of("user.b")))
                        .containsExactly(0, 0xFF, 0x80);
            }
            assertThat(members.get("./d e/").entry().uid()).isEqualTo(3000000);
            assertThat(members).containsKey("./" + "n".repeat(250)).containsKey("./\uDCFFn");
            assertThat(members.get("./link").entry().linkTarget().toString()).isEqualTo("/target");
            assertThat(members.get("./fifo").entry().kind()).isEqualTo(Kind.FIFO);
            assertThat(members.get("./null").entry().deviceMajor()).isEqualTo(1);
            assertThat(members.get("./null").entry().deviceMinor()).isEqualTo(3);
            assertThat(members)
                    .containsKey("./" + "long".repeat(40) + "/" + "dir".repeat(60) + "/f");
            Member sparse = members.get("./sparse");
            byte[] expected = new byte[1 << 20];
            System.arraycopy(bytes("data"), 0, expected, 500000, 4);
            assertThat(sparse.data()).as(options).isEqualTo(expected);
            assertThat(members.get("./hole").data()).isEqualTo(new byte[5000]);
            assertThat(sparse.entry().extents().isEmpty()).isEqualTo(!options.contains("--sparse"));
        }
    }

    @Test
    void readsManyExtentsInTheOldSparseFormat(@TempDir Path dir) throws Exception {
        shell(
                dir,
                "for i in $(seq 0 60); do printf $i | dd of=s bs=1 seek=$((i*65536))"
                        + " conv=notrunc status=none; done; tar --format=gnu --sparse -cf o.tar s");
        Member member = read(Files.readAllBytes(dir.resolve("o.tar"))).getFirst();
        assertThat(member.entry().extents().size()).isGreaterThan(24);
        assertThat(member.data()).isEqualTo(Files.readAllBytes(dir.resolve("s")));
    }

    @Test
    void gnuTarListsWhatWeWrite(@TempDir Path dir) throws Exception {
        for (long seed = 1; seed <= 5; seed++) {
            List<Member> members = randomMembers(new Random(seed));
            Files.write(dir.resolve("o.tar"), write(members));
            shell(dir, "LC_ALL=C.UTF-8 tar --quoting-style=literal -tf o.tar > list");
            String[] names =
                    dev.corten.model.RawText.decode(Files.readAllBytes(dir.resolve("list")))
                            .split("\n");
            assertThat(names)
                    .containsExactlyElementsOf(
                            members.stream().map(m -> m.entry().name().toString()).toList());
        }
    }

    @Test
    void pythonReadsTheSameFieldsOfWhatWeWrite(@TempDir Path dir) throws Exception {
        List<Member> members = randomMembers(new Random(11));
        Files.write(dir.resolve("o.tar"), write(members));
        Files.writeString(
                dir.resolve("p.py"),
                "import tarfile,sys,hashlib\n"
                        + "for t in tarfile.open('o.tar', encoding='utf-8', errors='surrogateescape'):\n"
                        + "  d=tarfile.open('o.tar').extractfile(t).read() if t.isreg() else b''\n"
                        + "  print(t.name.encode('utf-8','surrogateescape').hex(), oct(t.mode), t.uid,"
                        + " t.gid, int(t.mtime//1), len(d), hashlib.sha256(d).hexdigest())\n");
        shell(dir, "python3 p.py > list");
        List<String> lines = Files.readAllLines(dir.resolve("list"));
        assertThat(lines).hasSameSizeAs(members);
        for (int i = 0; i < lines.size(); i++) {
            TarEntry entry = members.get(i).entry();
            String name = entry.name().toString();
            byte[] plain =
                    dev.corten.model.RawText.encode(
                            name.endsWith("/") ? name.substring(0, name.length() - 1) : name);
            byte[] data = entry.kind() == Kind.FILE ? members.get(i).data() : new byte[0];
            assertThat(lines.get(i))
                    .isEqualTo(
                            java.util.HexFormat.of().formatHex(plain)
                                    + (" 0o" + Integer.toOctalString(entry.mode()))
                                    + (" " + entry.uid() + " " + entry.gid())
                                    + (" " + entry.mtime().getEpochSecond())
                                    + (" " + data.length + " ")
                                    + dev.corten.model.Digest.of(data).hex());
        }
    }

    @Test
    void anExtendedHeaderBeyondTheBoundIsRefused() throws IOException {
        byte[] archive = write(List.of(new Member(TarEntry.file("f", 0644, 0), new byte[0])));
        byte[] huge = archive.clone();
        huge[156] = 'L';
        System.arraycopy(bytes("77777777777\0"), 0, huge, 124, 12);
        checksum(huge, 0);
        assertThatThrownBy(() -> read(huge))
                .isInstanceOf(TarFormatException.class)
                .hasMessageContaining("larger than 1048576");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"5 a=", "1000 path=x\n", "x path=y\n", "9 path\n", "99999999999999 a=b\n"})
    void malformedPaxRecordsAreRefused(String records) throws IOException {
        byte[] block = new byte[2048];
        byte[] plain = write(List.of(new Member(TarEntry.file("f", 0644, 0), new byte[0])));
        System.arraycopy(plain, 0, block, 0, 512);
        block[156] = 'x';
        System.arraycopy(bytes(String.format("%011o", records.length())), 0, block, 124, 11);
        checksum(block, 0);
        System.arraycopy(bytes(records), 0, block, 512, records.length());
        assertThatThrownBy(() -> read(block)).isInstanceOf(TarFormatException.class);
    }

    @Test
    void negativeAndLargeBase256NumbersAreRead() throws IOException {
        byte[] archive = write(List.of(new Member(TarEntry.file("f", 0644, 0), new byte[0])));
        Arrays.fill(archive, 136, 148, (byte) 0xFF);
        archive[147] = (byte) 0xFE;
        Arrays.fill(archive, 108, 116, (byte) 0);
        archive[108] = (byte) 0x80;
        archive[112] = (byte) 0xFF;
        checksum(archive, 0);
        TarEntry entry = read(archive).getFirst().entry();
        assertThat(entry.mtime()).isEqualTo(Instant.ofEpochSecond(-2));
        assertThat(entry.uid()).isEqualTo(0xFF000000L);
    }

    @Test
    void gzipOfSeveralMembersWithAStingySource() throws IOException {
        var random = new Random(5);
        byte[] first = new byte[300_000];
        random.nextBytes(first);
        byte[] second = "second".repeat(1000).getBytes(StandardCharsets.UTF_8);
        byte[] packed = concat(concat(gzip(first), gzip(second)), new byte[100]);
        var stingy =
                new ByteArrayInputStream(packed) {
                    @Override
                    public synchronized int read(byte[] b, int off, int len) {
                        return super.read(b, off, Math.min(len, 7));
                    }

                    @Override
                    public synchronized int available() {
                        return 0;
                    }
                };
        assertThat(Compression.open(stingy).readAllBytes()).isEqualTo(concat(first, second));
        assertThat(Compression.open(new ByteArrayInputStream(first)).readAllBytes())
                .isEqualTo(first);
        for (int length = 12; length < packed.length - 100; length += 997) {
            if (length == gzip(first).length) {
                continue;
            }
            InputStream cut =
                    Compression.open(new ByteArrayInputStream(Arrays.copyOf(packed, length)));
            assertThatThrownBy(cut::readAllBytes).isInstanceOf(IOException.class);
        }
    }

    // --- fixtures

    private static List<Member> randomMembers(Random random) {
        var members = new ArrayList<Member>();
        for (int i = random.nextInt(1, 8); i >= 0; i--) {
            Kind type = Kind.values()[random.nextInt(Kind.values().length)];
            byte[] data = new byte[type == Kind.FILE ? random.nextInt(3) * random.nextInt(700) : 0];
            random.nextBytes(data);
            boolean link = type == Kind.SYMLINK || type == Kind.HARD_LINK;
            boolean device = type == Kind.CHARACTER_DEVICE || type == Kind.BLOCK_DEVICE;
            String slash = type == Kind.DIRECTORY ? "/" : "";
            Map<PathBytes, byte[]> xattrs = new LinkedHashMap<>();
            for (int x = random.nextInt(6) - 3; x > 0; x--) {
                byte[] value = new byte[random.nextInt(120)];
                random.nextBytes(value);
                xattrs.put(PathBytes.of("user.x" + random.nextInt(100)), value);
            }
            members.add(
                    new Member(
                            new TarEntry(
                                    PathBytes.of(randomName(random) + slash),
                                    type,
                                    random.nextInt(010000),
                                    random.nextInt(4) == 0 ? 4_000_000_000L : random.nextInt(2000),
                                    random.nextInt(4) == 0 ? 3_000_000L : random.nextInt(2000),
                                    Instant.ofEpochSecond(
                                            random.nextLong(-10_000_000_000L, 10_000_000_000L),
                                            random.nextBoolean()
                                                    ? 0
                                                    : random.nextInt(1_000_000_000)),
                                    data.length,
                                    PathBytes.of(link ? randomName(random) : ""),
                                    device ? random.nextInt(4000) : 0,
                                    device ? random.nextInt(100_000) : 0,
                                    xattrs,
                                    List.of()),
                            data));
        }
        return members;
    }

    private static String randomName(Random random) {
        String[] parts = {"a", "bin", "한글", "\uDCFF\uDC80", "with space", "x".repeat(90), "."};
        var name = new StringBuilder("n" + random.nextInt(1000));
        for (int i = random.nextInt(6); i > 0; i--) {
            name.append('/').append(parts[random.nextInt(parts.length - 1)]);
        }
        return name.toString();
    }

    private static void assertSame(Member actual, Member expected, String description) {
        TarEntry a = actual.entry();
        TarEntry e = expected.entry();
        assertThat(a.withXattrs(Map.of())).as(description).isEqualTo(e.withXattrs(Map.of()));
        assertThat(a.xattrs().keySet()).as(description).isEqualTo(e.xattrs().keySet());
        a.xattrs().forEach((k, v) -> assertThat(v).isEqualTo(e.xattrs().get(k)));
        assertThat(actual.data()).as(description).isEqualTo(expected.data());
    }

    private static byte[] write(List<Member> members) throws IOException {
        var out = new ByteArrayOutputStream();
        var tar = new TarWriter(out);
        for (Member member : members) {
            tar.add(member.entry(), member.data());
        }
        tar.finish();
        return out.toByteArray();
    }

    private static List<Member> read(byte[] archive) throws IOException {
        var tar = new TarReader(new ByteArrayInputStream(archive), TarReader.End.MARKED);
        var members = new ArrayList<Member>();
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            // A damaged header may announce terabytes of holes.
            byte[] data = entry.get().size() > 16 << 20 ? new byte[0] : tar.data().readAllBytes();
            members.add(new Member(entry.get(), data));
        }
        return members;
    }

    private static void fixChecksums(byte[] archive, Random random) {
        if (random.nextInt(10) > 0) {
            for (int at = 0; at + 512 <= Math.min(archive.length, 4096); at += 512) {
                if (archive[at + 257] == 'u') {
                    checksum(archive, at);
                }
            }
        }
    }

    private static void checksum(byte[] archive, int at) {
        Arrays.fill(archive, at + 148, at + 156, (byte) ' ');
        int sum = 0;
        for (int i = at; i < at + 512; i++) {
            sum += archive[i] & 0xFF;
        }
        System.arraycopy(bytes(String.format("%06o\0 ", sum)), 0, archive, at + 148, 8);
    }

    private static byte[] gzip(byte[] data) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(data);
        }
        return out.toByteArray();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void shell(Path dir, String script) throws Exception {
        var process =
                new ProcessBuilder("bash", "-ec", script)
                        .directory(dir.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
