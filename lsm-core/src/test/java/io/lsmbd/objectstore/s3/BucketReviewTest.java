package io.lsmbd.objectstore.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.Verdict;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a bucket answers that has settings, has none, or does not tell. */
class BucketReviewTest {
    private CannedServer server;

    @BeforeEach
    void open() throws IOException {
        System.setProperty("aws.accessKeyId", "key");
        System.setProperty("aws.secretAccessKey", "secret");
        server = new CannedServer();
    }

    @AfterEach
    void close() {
        server.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    private Map<String, CheckResult> review() throws IOException {
        var environment = new SystemEnvironment((_, failure) -> failure.printStackTrace());
        Map<String, CheckResult> results = new HashMap<>();
        List<CheckResult> all =
                new BucketReview(S3Address.parse(server.address("")), environment).run();
        all.forEach(result -> results.put(result.name(), result));
        assertThat(results)
                .containsOnlyKeys(
                        BucketJudgement.VERSIONING,
                        BucketJudgement.LIFECYCLE,
                        BucketJudgement.OBJECT_LOCK,
                        BucketJudgement.STORAGE_CLASS,
                        BucketJudgement.CHECKSUMS);
        return results;
    }

    private static Verdict verdict(Map<String, CheckResult> results, String name) {
        return Optional.ofNullable(results.get(name)).orElseThrow().verdict();
    }

    private static void answer(HttpExchange request, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        request.getRequestBody().readAllBytes();
        request.getResponseHeaders().set("Content-Type", "application/xml");
        request.sendResponseHeaders(status, bytes.length);
        request.getResponseBody().write(bytes);
    }

    @Test
    void settingsAreReadFromTheBucket() throws IOException {
        server.reacts(request -> {
            String asked = String.valueOf(request.getRequestURI().getQuery());
            if (asked.startsWith("versioning")) {
                answer(
                        request,
                        200,
                        "<VersioningConfiguration><Status>Enabled</Status>"
                                + "</VersioningConfiguration>");
            } else if (asked.startsWith("lifecycle")) {
                answer(
                        request,
                        200,
                        "<LifecycleConfiguration><Rule><ID>tidy</ID><Status>Enabled</Status>"
                                + "<Filter><Prefix></Prefix></Filter><Expiration><Days>30</Days>"
                                + "</Expiration></Rule></LifecycleConfiguration>");
            } else if (asked.startsWith("object-lock")) {
                answer(
                        request,
                        200,
                        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
                                + "<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>5</Days>"
                                + "</DefaultRetention></Rule></ObjectLockConfiguration>");
            } else {
                answer(request, 403, "<Error><Code>AccessDenied</Code></Error>");
            }
        });
        var results = review();
        assertThat(verdict(results, BucketJudgement.VERSIONING)).isEqualTo(Verdict.WARNING);
        assertThat(verdict(results, BucketJudgement.LIFECYCLE)).isEqualTo(Verdict.FAILED);
        assertThat(verdict(results, BucketJudgement.OBJECT_LOCK)).isEqualTo(Verdict.WARNING);
    }

    @Test
    void whatIsNotSetIsFine() throws IOException {
        server.reacts(request -> {
            String asked = String.valueOf(request.getRequestURI().getQuery());
            if (asked.startsWith("versioning")) {
                answer(request, 200, "<VersioningConfiguration/>");
            } else {
                String code =
                        asked.startsWith("lifecycle")
                                ? "NoSuchLifecycleConfiguration"
                                : "ObjectLockConfigurationNotFoundError";
                answer(request, 404, "<Error><Code>" + code + "</Code></Error>");
            }
        });
        var results = review();
        assertThat(verdict(results, BucketJudgement.VERSIONING)).isEqualTo(Verdict.OK);
        assertThat(verdict(results, BucketJudgement.LIFECYCLE)).isEqualTo(Verdict.OK);
        assertThat(verdict(results, BucketJudgement.OBJECT_LOCK)).isEqualTo(Verdict.OK);
    }

    @Test
    void whatMayNotBeReadOrIsUnknownIsNotSeen() throws IOException {
        for (CannedServer.Reaction reaction :
                List.of(
                        CannedServer.error(403, "AccessDenied"),
                        CannedServer.error(404, "NoSuchBucket"),
                        CannedServer.error(501, "NotImplemented"))) {
            server.reacts(reaction);
            var results = review();
            for (String name :
                    List.of(
                            BucketJudgement.VERSIONING,
                            BucketJudgement.LIFECYCLE,
                            BucketJudgement.OBJECT_LOCK,
                            BucketJudgement.CHECKSUMS)) {
                assertThat(verdict(results, name)).as(name).isEqualTo(Verdict.SKIPPED);
            }
        }
    }
}
