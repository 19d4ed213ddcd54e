/// What the user has told registries' names of: kept in `config.json` or by a helper program, as
/// Docker's command line keeps it, so that a `login` with one of them serves the other.
///
/// Start at [Credentials]: it finds the [CredentialStore] of a registry, and makes the header that
/// goes with a request that the daemon passes on to a registry.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.credential;
