/// What a build remembers elsewhere: in a registry, in a directory of the client's, in the image
/// itself. Start at [RemoteCaches].
@NullMarked
package dev.corten.engine.build.remote;

import org.jspecify.annotations.NullMarked;
