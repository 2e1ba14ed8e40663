/**
 * What is put around an object store, each for one effect: {@link
 * io.lsmbd.objectstore.decorator.RetryingObjectStore} is the only place of the daemon that retries,
 * {@link io.lsmbd.objectstore.decorator.MeteredObjectStore} counts and times single attempts by
 * {@link io.lsmbd.objectstore.decorator.Purpose} and turns them into money, so it goes inside the
 * former. {@link io.lsmbd.objectstore.decorator.LimitingObjectStore} sends fewer requests at a time
 * to a store that has too many, and goes between them; {@link
 * io.lsmbd.objectstore.decorator.HedgingObjectStore} sends late ones a second time, around what
 * counts them. {@link io.lsmbd.objectstore.decorator.WatchedObjectStore} judges the store by what
 * comes of an attempt: around hedges, inside of what waits or tries again. {@link
 * io.lsmbd.objectstore.decorator.ReadOnlyObjectStore} lets nothing be changed.
 */
@NullMarked
package io.lsmbd.objectstore.decorator;

import org.jspecify.annotations.NullMarked;
