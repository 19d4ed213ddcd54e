/// Where the files of builds come from: one service for all fronts.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.build.context;
