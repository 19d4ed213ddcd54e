/// A registry that is the cache of another one: what it does not have, it fetches, keeps, and shows
/// while it is fetching. Start at [PullThrough].
@NullMarked
package dev.corten.registry.server.mirror;

import org.jspecify.annotations.NullMarked;
