package io.lsmbd.ctl;

import io.lsmbd.objectstore.s3.S3Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an S3 bucket must allow to lsmbd, and no more than that, in AWS's policy language. */
final class IamPolicy {
    private IamPolicy() {}

    /** The policy as JSON text. */
    static String of(String url) throws CtlException {
        if (!url.startsWith("s3://")) {
            throw new CtlException(
                    ExitCode.USAGE,
                    "there is no policy for %s: IAM is about S3 only".formatted(url),
                    "the user that lsmbd runs as must be able to read and write a store's folder");
        }
        try {
            S3Address address = S3Address.parse(url);
            return Connection.json(policy(address.bucket(), address.prefix()));
        } catch (IllegalArgumentException e) {
            throw noAddress(String.valueOf(e.getMessage()));
        }
    }

    private static CtlException noAddress(String reason) {
        return new CtlException(
                ExitCode.USAGE, "not an S3 address: " + reason, "write it as s3://bucket/prefix");
    }

    private static Map<String, Object> policy(String bucket, String prefix) {
        List<Map<String, Object>> statements = new ArrayList<>();
        statements.add(
                statement(
                        "Objects",
                        List.of("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
                        "arn:aws:s3:::%s/%s*".formatted(bucket, prefix)));
        Map<String, Object> list =
                statement("List", List.of("s3:ListBucket"), "arn:aws:s3:::" + bucket);
        if (!prefix.isEmpty()) {
            // "IfExists": a GET of an absent object names no prefix, and is answered with 403
            // instead of 404 to those who may not list.
            list.put("Condition", Map.of("StringLikeIfExists", Map.of("s3:prefix", prefix + "*")));
        }
        statements.add(list);
        Map<String, Object> policy = new LinkedHashMap<>();
        policy.put("Version", "2012-10-17");
        policy.put("Statement", statements);
        return policy;
    }

    private static Map<String, Object> statement(String name, List<String> actions, String on) {
        Map<String, Object> statement = new LinkedHashMap<>();
        statement.put("Sid", "Lsmbd" + name);
        statement.put("Effect", "Allow");
        statement.put("Action", actions);
        statement.put("Resource", on);
        return statement;
    }
}
