/// Rules between modules that neither javac nor a reviewer's memory can hold. Start at
/// [ArrowsTest].
@NullMarked
package dev.corten.architecture;

import org.jspecify.annotations.NullMarked;
