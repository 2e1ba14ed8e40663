package io.lsmbd.nbd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a test shows to hold, by the keys of the tables in docs/NBD.md and docs/NBD-RULES.md: a name
 * of the specification, one of its rules, or a mistake of another server. After a change: {@code
 * ./dev proofs}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Proves {
    String[] value();
}
