/** The object store that is gone with the process: for tests and for trying lsmbd out. */
@NullMarked
package io.lsmbd.objectstore.memory;

import org.jspecify.annotations.NullMarked;
