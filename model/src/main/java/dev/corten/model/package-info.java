/// Values that every module speaks.
@org.jspecify.annotations.NullMarked
package dev.corten.model;
