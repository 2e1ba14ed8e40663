/**
 * The bucket: a small interface ({@link io.lsmbd.objectstore.ObjectStore}) with a contract test
 * that every implementation passes, and the only place that builds and parses key names ({@link
 * io.lsmbd.objectstore.ObjectKey}).
 */
@NullMarked
package io.lsmbd.objectstore;

import org.jspecify.annotations.NullMarked;
