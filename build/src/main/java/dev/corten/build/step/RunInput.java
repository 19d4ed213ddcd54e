package dev.corten.build.step;

import dev.corten.build.dockerfile.RunMount;
import java.util.OptionalInt;

/// What a `RUN` mounts.
public sealed interface RunInput {
    /// An absolute path.
    String target();

    /// Adds what counts for the key.
    void describe(Definition definition);

    /// Whether it reads a part of an input.
    default boolean selects(int input) {
        return false;
    }

    /// Files of another step.
    ///
    /// @param source a path in it
    record Bind(String target, int input, String source, boolean readOnly) implements RunInput {
        @Override
        public void describe(Definition definition) {
            definition.text("bind").text(target).number(input).text(source).flag(readOnly);
        }

        @Override
        public boolean selects(int other) {
            return other == input;
        }
    }

    /// A directory that stays from build to build. What is in it counts for no key.
    ///
    /// @param input what it begins with; -1 is nothing
    record Cache(
            String target,
            String id,
            int input,
            String source,
            RunMount.Sharing sharing,
            boolean readOnly,
            OptionalInt mode,
            OptionalInt uid,
            OptionalInt gid)
            implements RunInput {
        @Override
        public void describe(Definition definition) {
            definition
                    .text("cache")
                    .text(target)
                    .text(id)
                    .text(sharing.name())
                    .flag(readOnly)
                    .numbers(mode, uid, gid);
        }

        @Override
        public boolean selects(int other) {
            return other == input;
        }
    }

    record Tmpfs(String target, long size) implements RunInput {
        @Override
        public void describe(Definition definition) {
            definition.text("tmpfs").text(target).number(size);
        }
    }

    /// @param target `""` if it is a variable only
    /// @param variable `""` if it is a file only
    record Secret(
            String target, String id, String variable, boolean required, int mode, int uid, int gid)
            implements RunInput {
        @Override
        public void describe(Definition definition) {
            definition
                    .text("secret")
                    .text(target)
                    .text(id)
                    .text(variable)
                    .flag(required)
                    .number(mode)
                    .number(uid)
                    .number(gid);
        }
    }

    record Agent(String target, String id, boolean required, int mode, int uid, int gid)
            implements RunInput {
        @Override
        public void describe(Definition definition) {
            definition
                    .text("ssh")
                    .text(target)
                    .text(id)
                    .flag(required)
                    .number(mode)
                    .number(uid)
                    .number(gid);
        }
    }

    /// A value, or what it is without one.
    static int or(OptionalInt given, int otherwise) {
        return given.orElse(otherwise);
    }
}
