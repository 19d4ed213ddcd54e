/// HTTP exchanges over Netty.
@org.jspecify.annotations.NullMarked
package dev.corten.http;
