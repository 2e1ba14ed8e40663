package io.lsmbd.planted;

/** Violates: the AWS SDK has one door. */
record AwsSdkUser(software.amazon.awssdk.services.s3.S3AsyncClient client) {}
