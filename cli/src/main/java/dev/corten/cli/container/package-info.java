/// The commands that deal with containers. [RunCommand] is the longest way through: [ContainerFlags]
/// are its options, [ContainerBody] makes the API's body of them, [Creation] asks for the container,
/// [ExitStatus] waits for its end. Commands that do the same to each container they are given extend
/// [EachContainer].
@org.jspecify.annotations.NullMarked
package dev.corten.cli.container;
