package dev.corten.engine.build.output;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// Something that a build took from elsewhere.
///
/// @param uri `pkg:docker/busybox@latest?platform=linux%2Famd64`, or where else it came from
/// @param digests by algorithm: `sha256`, `sha1`
public record Material(String uri, SortedMap<String, String> digests)
        implements Comparable<Material> {
    public Material {
        digests = Collections.unmodifiableSortedMap(new TreeMap<>(digests));
    }

    @Override
    public int compareTo(Material other) {
        return uri.compareTo(other.uri);
    }
}
