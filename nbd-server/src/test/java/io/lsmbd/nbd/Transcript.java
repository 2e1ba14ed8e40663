package io.lsmbd.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A session as a file, byte for byte. A line begins with C: or S: for who sends it; then come hex
 * digits, text in quotes, and bytes with how often they are repeated, as in 00*124. {@code S: end}
 * is where the server closes the connection. What follows a # is for the reader.
 */
record Transcript(String name, List<Line> lines) {
    private static final Pattern TOKEN =
            Pattern.compile("\"([^\"]*)\"|([0-9a-f]{2})\\*([0-9]+)|((?:[0-9a-f]{2})+)");

    private static final HexFormat HEX = HexFormat.of();

    enum Sender {
        CLIENT,
        SERVER,
        /** Nothing more comes from the server. */
        END
    }

    /** {@code number} is that of the line in the file. */
    record Line(int number, Sender sender, byte[] bytes) {}

    static Transcript of(String name) throws IOException {
        List<Line> lines = new ArrayList<>();
        try (InputStream in = Transcript.class.getResourceAsStream("sessions/" + name + ".txt")) {
            assertThat(in).as(name).isNotNull();
            int number = 0;
            for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
                number++;
                String code = line.replaceFirst("#.*", "").strip();
                if (!code.isEmpty()) {
                    lines.add(parse(number, code));
                }
            }
        }
        return new Transcript(name, lines);
    }

    private static Line parse(int number, String code) {
        assertThat(code).matches("[CS]: .*");
        if (code.equals("S: end")) {
            return new Line(number, Sender.END, new byte[0]);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String rest = code.substring(3).strip();
        for (Matcher token = TOKEN.matcher(rest); !rest.isEmpty(); token.reset(rest)) {
            assertThat(token.lookingAt()).as("line %d: %s", number, rest).isTrue();
            if (token.group(1) != null) {
                bytes.writeBytes(token.group(1).getBytes(UTF_8));
            } else if (token.group(2) != null) {
                byte[] repeated = HEX.parseHex(token.group(2));
                for (int i = Integer.parseInt(token.group(3)); i > 0; i--) {
                    bytes.writeBytes(repeated);
                }
            } else {
                bytes.writeBytes(HEX.parseHex(token.group(4)));
            }
            rest = rest.substring(token.end()).strip();
        }
        Sender sender = code.startsWith("C") ? Sender.CLIENT : Sender.SERVER;
        return new Line(number, sender, bytes.toByteArray());
    }

    /**
     * Sends what the client sent, and fails at the first line that the server answers otherwise.
     */
    void replay(RawNbdClient client) throws IOException {
        for (Line line : lines) {
            String where = name + ".txt:" + line.number();
            switch (line.sender()) {
                case CLIENT -> client.send(line.bytes());
                case SERVER ->
                        assertThat(HEX.formatHex(client.readBytes(line.bytes().length)))
                                .as(where)
                                .isEqualTo(HEX.formatHex(line.bytes()));
                case END -> assertThat(client.readToEnd()).as(where).isEmpty();
            }
        }
    }

    /** The same, but for one bit that the server has to send. */
    Transcript spoilt(Line line) {
        byte[] bytes = line.bytes().clone();
        bytes[bytes.length - 1] ^= 1;
        List<Line> changed = new ArrayList<>(lines);
        changed.set(lines.indexOf(line), new Line(line.number(), line.sender(), bytes));
        return new Transcript(name, changed);
    }
}
