/**
 * The small JSON object of each volume, changed only by compare-and-swap: who may write, how large
 * the volume is, where its checkpoint is. Its bytes are described in {@link
 * io.lsmbd.manifest.ManifestFormat}.
 */
@NullMarked
package io.lsmbd.manifest;

import org.jspecify.annotations.NullMarked;
