/// Namespaces: opening, making and entering them.
///
/// Start at [Namespaces]. A thread that has entered a namespace, and every thread or process it
/// starts, stays there; so all of this happens on platform threads that are made for one piece of
/// work and end with it. Virtual threads and pools never enter anything.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.namespace;
