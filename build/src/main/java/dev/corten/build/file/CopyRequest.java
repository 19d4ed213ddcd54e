package dev.corten.build.file;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a `COPY` or an `ADD` asks for, variables replaced.
///
/// @param rules where the two builders of Docker differ
/// @param sources relative to the root of the source, wildcards allowed
/// @param destination absolute; a slash at its end says that it is a directory
/// @param chown `""`, or `user[:group]` as it is written; names are those of the destination
/// @param chmod `""`, or octal or symbolic as it is written
/// @param parents whether directories on the way to a source are made too; `/./` in a source says
///     where the way begins
/// @param exclude patterns of what is left out, relative to each source
/// @param unpack whether an archive is unpacked instead of copied
/// @param keepOwner false for a context: there everything is root's
/// @param time of everything that is made; empty: what is copied keeps its own
/// @param linkable whether the source never changes, so that a layer may have large files of it
public record CopyRequest(
        Rules rules,
        List<String> sources,
        String destination,
        String chown,
        String chmod,
        boolean parents,
        List<String> exclude,
        boolean unpack,
        boolean keepOwner,
        Optional<Instant> time,
        boolean linkable) {
    /// Docker's builders do not agree in everything.
    public enum Rules {
        /// A wildcard may match nothing; a directory and a file never replace each other; what a
        /// directory is copied to gets its time; `..` at the root is the root.
        BUILDKIT,

        /// The other way round.
        CLASSIC
    }

    public CopyRequest {
        sources = List.copyOf(sources);
        exclude = List.copyOf(exclude);
    }

    /// A plain `COPY` from a context.
    public static CopyRequest of(List<String> sources, String destination) {
        return new CopyRequest(
                Rules.BUILDKIT,
                sources,
                destination,
                "",
                "",
                false,
                List.of(),
                false,
                false,
                Optional.empty(),
                false);
    }

    /// The same, with owners that are kept.
    public CopyRequest withOwners() {
        return new CopyRequest(
                rules,
                sources,
                destination,
                chown,
                chmod,
                parents,
                exclude,
                unpack,
                true,
                time,
                linkable);
    }

    /// The same for a source that does or does not change.
    public CopyRequest withLinkable(boolean value) {
        return new CopyRequest(
                rules,
                sources,
                destination,
                chown,
                chmod,
                parents,
                exclude,
                unpack,
                keepOwner,
                time,
                value);
    }

    boolean classic() {
        return rules == Rules.CLASSIC;
    }
}
