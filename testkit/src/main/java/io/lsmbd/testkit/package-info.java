/**
 * Test doubles, contract tests and the deterministic simulation. Contracts are abstract JUnit
 * classes in the main sources, so that every implementation's own tests can extend them.
 */
@NullMarked
package io.lsmbd.testkit;

import org.jspecify.annotations.NullMarked;
