/**
 * What is put around an object store, each for one effect: {@link
 * io.lsmbd.objectstore.decorator.RetryingObjectStore} is the only place that retries, {@link
 * io.lsmbd.objectstore.decorator.MeteredObjectStore} counts and times single attempts, so it goes
 * inside the former.
 */
@NullMarked
package io.lsmbd.objectstore.decorator;

import org.jspecify.annotations.NullMarked;
