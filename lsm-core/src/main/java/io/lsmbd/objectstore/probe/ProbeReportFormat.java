package io.lsmbd.objectstore.probe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A report's bytes in the store: JSON with a checksum of its own, as the manifest has.
 *
 * <pre>
 * {"crc32c":"xxxxxxxx","probe":   29 characters, x = lower-case hexadecimal
 * {...}                           the {@link ProbeReport}'s fields: UTF-8, what the checksum covers
 * }                               1 character
 * </pre>
 *
 * Valid if and only if frame, checksum, every field and no unknown field are there. A greater
 * {@code format} is not damage: it asks for a newer lsmbd.
 */
public final class ProbeReportFormat {
    private static final String HEAD = "{\"crc32c\":\"%08x\",\"probe\":";
    private static final int HEAD_LENGTH = HEAD.formatted(0).length();
    private static final int TAIL_LENGTH = 1;

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private ProbeReportFormat() {}

    public static byte[] encode(ProbeReport report) {
        try {
            byte[] body = JSON.writeValueAsBytes(report);
            byte[] head = HEAD.formatted(Crc32c.of(body)).getBytes(StandardCharsets.US_ASCII);
            byte[] out = Arrays.copyOf(head, head.length + body.length + TAIL_LENGTH);
            System.arraycopy(body, 0, out, head.length, body.length);
            out[out.length - 1] = '}';
            return out;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report is always JSON", e);
        }
    }

    public static ProbeReport decode(byte[] bytes) throws CorruptFormatException {
        if (bytes.length < HEAD_LENGTH + TAIL_LENGTH || bytes[bytes.length - 1] != '}') {
            throw new CorruptFormatException(
                    "not a probe's report: %d bytes".formatted(bytes.length));
        }
        byte[] body = Arrays.copyOfRange(bytes, HEAD_LENGTH, bytes.length - TAIL_LENGTH);
        String head = new String(bytes, 0, HEAD_LENGTH, StandardCharsets.US_ASCII);
        String expected = HEAD.formatted(Crc32c.of(body));
        if (!head.equals(expected)) {
            throw new CorruptFormatException(
                    "probe's report begins with %s, its content asks for %s"
                            .formatted(head, expected));
        }
        try {
            int format = JSON.readTree(body).path("format").asInt();
            if (format > ProbeReport.FORMAT) {
                throw new CorruptFormatException(
                        "probe's report of format %d; this lsmbd reads up to %d: use a newer one"
                                .formatted(format, ProbeReport.FORMAT));
            }
            return JSON.readValue(body, ProbeReport.class);
        } catch (JsonProcessingException e) {
            throw new CorruptFormatException(
                    "probe's report is not as expected: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new CorruptFormatException("probe's report cannot be read: " + e.getMessage());
        }
    }
}
