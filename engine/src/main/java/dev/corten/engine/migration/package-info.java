/// Takes over what another engine has on this machine.
@NullMarked
package dev.corten.engine.migration;

import org.jspecify.annotations.NullMarked;
