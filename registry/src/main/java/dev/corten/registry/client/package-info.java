/// The client of the distribution protocol. Start at [RegistryClient], which gives a [Repository]
/// for a name.
///
/// A repository asks its sites ([Site]: an address, how it is secured, who we are there) in order: the
/// mirrors, then the registry itself. Requests go through [Transport], which follows redirects and
/// knows when credentials must stay behind. Nothing is kept in memory in proportion to a blob.
@NullMarked
package dev.corten.registry.client;

import org.jspecify.annotations.NullMarked;
