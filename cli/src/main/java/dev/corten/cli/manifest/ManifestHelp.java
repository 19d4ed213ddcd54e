package dev.corten.cli.manifest;

/// What all of these commands say of themselves.
final class ManifestHelp {
    private ManifestHelp() {}

    static String about(String verb, String summary) {
        return summary
                + "\n\nEXPERIMENTAL:\n  docker manifest "
                + verb
                + " is an experimental feature.\n"
                + "  Experimental features provide early access to product functionality. These\n"
                + "  features may change between releases without warning, or can be removed from"
                + " a\n"
                + "  future release. Learn more about experimental features in our"
                + " documentation:\n"
                + "  https://docs.docker.com/go/experimental/";
    }
}
