/** From the address that a user configures to the object store that it means. */
@NullMarked
package io.lsmbd.objectstore.url;

import org.jspecify.annotations.NullMarked;
