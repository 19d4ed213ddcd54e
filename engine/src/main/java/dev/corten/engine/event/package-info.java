/// What happened: the ring of recent events and those who listen. Start at [Events].
///
/// One lock around the ring; a listener that does not keep up loses its subscription, never the
/// others' time.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.event;
