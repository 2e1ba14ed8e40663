/**
 * How settings get from file, environment and command line into validated records. A component
 * describes its keys by reading them from {@link io.lsmbd.config.Settings}: name, default and help
 * stand beside the field they fill, and the reference and the documentation come from the same
 * call. No state.
 */
@NullMarked
package io.lsmbd.config;

import org.jspecify.annotations.NullMarked;
