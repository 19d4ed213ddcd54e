/// From a Dockerfile to a graph of steps.
@org.jspecify.annotations.NullMarked
package dev.corten.build.graph;
