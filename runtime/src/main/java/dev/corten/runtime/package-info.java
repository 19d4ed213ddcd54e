/// OCI specification to running container.
@org.jspecify.annotations.NullMarked
package dev.corten.runtime;
