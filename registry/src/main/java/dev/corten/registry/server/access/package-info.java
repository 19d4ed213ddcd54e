/// Who may do what: nobody is asked, names and passwords in a file of Apache's `htpasswd`, or tokens
/// of an authorisation server. Start at [AccessControl].
@NullMarked
package dev.corten.registry.server.access;

import org.jspecify.annotations.NullMarked;
