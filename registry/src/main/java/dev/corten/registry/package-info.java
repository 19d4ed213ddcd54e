/// What the client and the server of the distribution protocol (OCI distribution specification 1.1)
/// share: its error codes and what repositories may be called.
@NullMarked
package dev.corten.registry;

import org.jspecify.annotations.NullMarked;
