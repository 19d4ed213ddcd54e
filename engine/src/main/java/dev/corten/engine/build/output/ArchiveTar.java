package dev.corten.engine.build.output;

import dev.corten.archive.ExactInput;
import dev.corten.archive.PiecedInput;
import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tar whose members are known beforehand, as a stream: each is opened when its turn comes.
final class ArchiveTar extends PiecedInput {
    /// Opens a member's bytes; whoever reads them closes them.
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    /// @param entry with the size that the source has
    record Member(TarEntry entry, Source source) {
        static Member directory(String name) {
            return new Member(TarEntry.directory(name, 0755), InputStream::nullInputStream);
        }

        static Member file(String name, int mode, byte[] bytes) {
            return new Member(
                    TarEntry.file(name, mode, bytes.length), () -> new ByteArrayInputStream(bytes));
        }
    }

    private final Iterator<Member> members;
    private final ByteArrayOutputStream headers = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(headers);
    private final List<InputStream> following = new ArrayList<>();
    private boolean ended;

    ArchiveTar(List<Member> members) {
        this.members = members.iterator();
    }

    @Override
    protected @Nullable InputStream next() throws IOException {
        if (!following.isEmpty()) {
            return following.removeFirst();
        }
        if (ended) {
            return null;
        }
        headers.reset();
        if (members.hasNext()) {
            Member member = members.next();
            tar.begin(member.entry());
            long size = member.entry().size();
            if (size > 0) {
                following.add(
                        new ExactInput(member.source().open(), size, ExactInput.Shortfall.FAILS));
                following.add(padding(size));
            }
        } else {
            ended = true;
            tar.finish();
        }
        return new ByteArrayInputStream(headers.toByteArray());
    }

    /// What comes after so many bytes of data.
    static InputStream padding(long size) {
        return new ByteArrayInputStream(new byte[(int) (-size & (TarWriter.BLOCK - 1))]);
    }

    @Override
    public void close() throws IOException {
        super.close();
        for (InputStream stream : following) {
            stream.close();
        }
    }
}
