/// Measures engines that speak the Docker API, interleaved in one run, so that a noisy machine is
/// as noisy for each of them. Start at [Bench]; what is measured is in [Groups].
///
/// `bench/run` starts these sources directly, so they use nothing but the JDK. Samples are taken on
/// one thread; only bursts start more. Everything that is created carries a label and is removed at
/// the end, also after a failure.
@NullMarked
package dev.corten.bench;

import org.jspecify.annotations.NullMarked;
