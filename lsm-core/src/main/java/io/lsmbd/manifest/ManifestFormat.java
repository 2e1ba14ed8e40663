package io.lsmbd.manifest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.Crc32c;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/**
 * The manifest's bytes: JSON with a checksum of its own.
 *
 * <pre>
 * {"crc32c":"xxxxxxxx","manifest":   32 characters, x = lower-case hexadecimal
 * {...}                              the {@link Manifest}'s fields: UTF-8, what the checksum covers
 * }                                  1 character
 * </pre>
 *
 * Valid if and only if frame, checksum, every field and no unknown field are there. A greater
 * {@code format} is not damage: it asks for a newer lsmbd.
 */
public final class ManifestFormat {
    private static final String HEAD = "{\"crc32c\":\"%08x\",\"manifest\":";
    private static final int HEAD_LENGTH = HEAD.formatted(0).length();
    private static final int TAIL_LENGTH = 1;

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .addModule(
                            new SimpleModule()
                                    .addSerializer(new AsText<>(VolumeId.class))
                                    .addSerializer(new AsText<>(VolumeName.class))
                                    .addDeserializer(
                                            VolumeId.class,
                                            new OfText<>(VolumeId.class, VolumeId::parse))
                                    .addDeserializer(
                                            VolumeName.class,
                                            new OfText<>(VolumeName.class, VolumeName::new)))
                    .build();

    private ManifestFormat() {}

    public static byte[] encode(Manifest manifest) {
        try {
            byte[] body = JSON.writeValueAsBytes(manifest);
            byte[] head = HEAD.formatted(Crc32c.of(body)).getBytes(StandardCharsets.US_ASCII);
            byte[] out = Arrays.copyOf(head, head.length + body.length + TAIL_LENGTH);
            System.arraycopy(body, 0, out, head.length, body.length);
            out[out.length - 1] = '}';
            return out;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a manifest is always JSON", e);
        }
    }

    public static Manifest decode(byte[] bytes) throws CorruptFormatException {
        if (bytes.length < HEAD_LENGTH + TAIL_LENGTH || bytes[bytes.length - 1] != '}') {
            throw new CorruptFormatException("not a manifest: %d bytes".formatted(bytes.length));
        }
        byte[] body = Arrays.copyOfRange(bytes, HEAD_LENGTH, bytes.length - TAIL_LENGTH);
        String head = new String(bytes, 0, HEAD_LENGTH, StandardCharsets.US_ASCII);
        String expected = HEAD.formatted(Crc32c.of(body));
        if (!head.equals(expected)) {
            throw new CorruptFormatException(
                    "manifest begins with %s, its content asks for %s".formatted(head, expected));
        }
        try {
            int format = JSON.readTree(body).path("format").asInt();
            if (format > Manifest.FORMAT) {
                throw new CorruptFormatException(
                        "manifest of format %d; this lsmbd reads up to %d: use a newer one"
                                .formatted(format, Manifest.FORMAT));
            }
            return JSON.readValue(body, Manifest.class);
        } catch (JsonProcessingException e) {
            throw new CorruptFormatException(
                    "manifest is not as expected: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new CorruptFormatException("manifest cannot be read: " + e.getMessage());
        }
    }

    private static final class AsText<T> extends StdSerializer<T> {
        private static final long serialVersionUID = 1L;

        AsText(Class<T> type) {
            super(type);
        }

        @Override
        public void serialize(T value, JsonGenerator out, SerializerProvider provider)
                throws IOException {
            out.writeString(value.toString());
        }
    }

    private static final class OfText<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<String, T> parse;

        OfText(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return parse.apply(in.getText());
        }
    }
}
