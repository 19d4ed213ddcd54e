package dev.corten.build.step;

import dev.corten.build.file.CopyRequest;
import dev.corten.model.Digest;
import dev.corten.model.RawText;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Collection;
import java.util.OptionalInt;

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

    /// Numbers, some of which may be left to a default.
    public Definition numbers(OptionalInt... numbers) {
        for (OptionalInt number : numbers) {
            flag(number.isPresent()).number(number.orElse(0));
        }
        return this;
    }

    public Definition flag(boolean flag) {
        return number(flag ? 1 : 0);
    }

    /// A request, so that no two of them look alike. How files get to where they are wanted is no part
    /// of it.
    public Definition request(CopyRequest request) {
        return switch (request) {
            case CopyRequest(
                            var rules,
                            var sources,
                            var destination,
                            var chown,
                            var chmod,
                            var parents,
                            var exclude,
                            var unpack,
                            var keepOwner,
                            var time,
                            var _) ->
                    text(rules.name())
                            .texts(sources)
                            .text(destination)
                            .text(chown)
                            .text(chmod)
                            .flag(parents)
                            .texts(exclude)
                            .flag(unpack)
                            .flag(keepOwner)
                            .text(time.map(Instant::toString).orElse(""));
        };
    }

    public Digest done() {
        return Digest.finish(hash);
    }
}
