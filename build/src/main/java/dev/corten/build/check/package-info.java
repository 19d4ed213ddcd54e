/// The build checks: what is allowed in a Dockerfile and better done in another way.
///
/// @see <https://docs.docker.com/reference/build-checks/>
@org.jspecify.annotations.NullMarked
package dev.corten.build.check;
