/**
 * The object store in an S3-compatible bucket; the only user of the AWS SDK. A blocking face over
 * the SDK's asynchronous client. The SDK does not retry: only the decorators know what is worth
 * trying again, and only whoever puts can read back what became of an unknown outcome. A body is
 * copied piece by piece under a lock, and an answer into its buffer likewise, so that whatever is
 * left of a request that was given up touches nobody's memory. What stores differ in is told in
 * docs/STORES.md.
 */
@NullMarked
package io.lsmbd.objectstore.s3;

import org.jspecify.annotations.NullMarked;
