/**
 * What can go wrong with stored data, as one sealed family; see {@link
 * io.lsmbd.error.StorageException}.
 */
@NullMarked
package io.lsmbd.error;

import org.jspecify.annotations.NullMarked;
