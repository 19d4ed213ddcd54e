/// What holds `ARCHITECTURE.md` to the code. Start at [Walkthrough], which reads its chapter on the
/// life of a run; the rules between modules are among the tests, see `ArrowsTest`.
@NullMarked
package dev.corten.architecture;

import org.jspecify.annotations.NullMarked;
