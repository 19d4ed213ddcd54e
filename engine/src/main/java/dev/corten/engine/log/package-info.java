/// Reading the logs that monitors write. Start at [LogReader]. Files only; knows nothing of
/// containers.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.log;
