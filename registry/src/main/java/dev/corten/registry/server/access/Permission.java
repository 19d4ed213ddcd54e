package dev.corten.registry.server.access;

import dev.corten.registry.RepositoryName;

/// What a request needs.
///
/// @param type `repository` or `registry`
/// @param name of the repository, or `catalog`
/// @param action `pull`, `push`, `delete`, or `*`
public record Permission(String type, String name, String action) {
    /// To list all repositories.
    public static final Permission CATALOG = new Permission("registry", "catalog", "*");

    public static Permission pull(RepositoryName name) {
        return new Permission("repository", name.path(), "pull");
    }

    public static Permission push(RepositoryName name) {
        return new Permission("repository", name.path(), "push");
    }

    public static Permission delete(RepositoryName name) {
        return new Permission("repository", name.path(), "delete");
    }
}
