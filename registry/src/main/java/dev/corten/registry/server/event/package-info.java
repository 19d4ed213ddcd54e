/// Tells others what has happened to repositories, in the words of Docker Registry's notifications.
/// Start at [Events].
@NullMarked
package dev.corten.registry.server.event;

import org.jspecify.annotations.NullMarked;
