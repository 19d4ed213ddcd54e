/// The steps of a build and how they are carried out. Start at [BuildWorker].
@org.jspecify.annotations.NullMarked
package dev.corten.build.step;
