/// The networks that exist: the predefined ones. Start at [NetworkList].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.network;
