/**
 * A volume as its clients see it: {@link io.lsmbd.volume.BlockVolume}; and {@link
 * io.lsmbd.volume.Volumes}, which opens, creates and closes them.
 */
@NullMarked
package io.lsmbd.volume;

import org.jspecify.annotations.NullMarked;
