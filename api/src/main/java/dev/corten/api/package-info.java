/// The Docker Engine API.
@org.jspecify.annotations.NullMarked
package dev.corten.api;
