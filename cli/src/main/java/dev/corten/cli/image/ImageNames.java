package dev.corten.cli.image;

import dev.corten.cli.failure.Refusal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;

/// Names of images as users type them.
public final class ImageNames {
    private ImageNames() {}

    /// @throws Refusal in the words of the daemon, with a hint for who has pasted an address
    public static Reference parse(String text) {
        try {
            return Reference.parse(text);
        } catch (InvalidParameter e) {
            int scheme = text.indexOf("://");
            throw new Refusal(
                    scheme < 0
                            ? e.message()
                            : e.message()
                                    + "\n\nThe name of an image begins with its registry's host,"
                                    + " not with "
                                    + text.substring(0, scheme + 3)
                                    + ": "
                                    + text.substring(scheme + 3));
        }
    }

    /// Whether it is nothing but a repository.
    static boolean isBare(Reference reference) {
        return reference.tag().isEmpty() && reference.digest().isEmpty();
    }

    /// For commands that take a repository with `--all-tags` and an image without: the repository,
    /// or the image with its tag.
    ///
    /// @param all whether `--all-tags` is given
    static Reference all(String text, boolean all) {
        Reference reference = parse(text);
        if (all && !isBare(reference)) {
            throw new Refusal("tag can't be used with --all-tags/-a");
        }
        return all ? reference : reference.orLatest();
    }
}
