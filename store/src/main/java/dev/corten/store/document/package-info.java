/// The JSON documents of images as registries and archives carry them: manifests, indexes.
@NullMarked
package dev.corten.store.document;

import org.jspecify.annotations.NullMarked;
