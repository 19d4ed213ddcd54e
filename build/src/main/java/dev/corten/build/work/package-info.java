/// How steps are carried out: what a step makes is a [Tree]. What needs the runtime, a network or a
/// client is behind ports, which the engine serves: [StepRunner], [Session].
@org.jspecify.annotations.NullMarked
package dev.corten.build.work;
