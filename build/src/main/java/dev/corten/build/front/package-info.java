/// From the instructions of a Dockerfile to what is to be done: which stages are wanted, what each
/// variable is worth, what becomes of an image's configuration.
///
/// `StageOrder` finds the stages that a target needs, `Variables` hold what is known at a place of
/// a stage, `ConfigStep` applies the instructions that change nothing but the configuration.
@org.jspecify.annotations.NullMarked
package dev.corten.build.front;
