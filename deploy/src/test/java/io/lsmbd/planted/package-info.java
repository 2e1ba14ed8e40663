/** Violations of the architecture's rules, so that each rule is seen to fail. */
package io.lsmbd.planted;
