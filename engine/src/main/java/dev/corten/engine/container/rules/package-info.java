/// What is checked and filled in when a container is made or updated, so that a wrong request has no
/// effect at all. Start at [CreateRules]: it merges a [CreateRequest], the image's configuration and
/// the [ContainerDefaults], and has one class of rules for each part of the result. Nothing here
/// knows the containers that are there.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.container.rules;
