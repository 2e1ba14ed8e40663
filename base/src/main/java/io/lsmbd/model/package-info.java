/** The field's nouns as small validated values: names, sizes, ranges. No state, no I/O. */
@NullMarked
package io.lsmbd.model;

import org.jspecify.annotations.NullMarked;
