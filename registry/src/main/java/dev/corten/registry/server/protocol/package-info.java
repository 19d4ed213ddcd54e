/// The distribution protocol (OCI distribution specification 1.1), as requests and answers. Start at
/// [RegistryHandler]; each kind of thing has its own class of routes.
///
/// One virtual thread each request; no locks; nothing is kept between requests but what is true for
/// ever, such as what a manifest of a known digest says.
@NullMarked
package dev.corten.registry.server.protocol;

import org.jspecify.annotations.NullMarked;
