package dev.corten.build.step;

import dev.corten.model.Digest;
import dev.corten.model.RawText;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collection;

/// Writes down what a step's result depends on, so that two different steps never look alike.
public final class Definition {
    private final MessageDigest hash = Digest.newHash();

    /// @param kind of the step
    public Definition(String kind) {
        text(kind);
    }

    public Definition text(String text) {
        return bytes(RawText.encode(text));
    }

    public Definition bytes(byte[] bytes) {
        number(bytes.length);
        hash.update(bytes);
        return this;
    }

    public Definition texts(Collection<String> texts) {
        number(texts.size());
        texts.forEach(this::text);
        return this;
    }

    public Definition number(long number) {
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
        return this;
    }

    public Definition flag(boolean flag) {
        return number(flag ? 1 : 0);
    }

    public Digest done() {
        return Digest.finish(hash);
    }
}
