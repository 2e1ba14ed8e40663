package io.lsmbd.admin.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which lsmbd this is; Maven writes it into a resource beside this class. */
public record BuildInfo(String version) {
    private static final String RESOURCE = "build.properties";

    /** Reads the resource. */
    public static BuildInfo read() {
        try (InputStream in = BuildInfo.class.getResourceAsStream(RESOURCE)) {
            var properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return new BuildInfo(properties.getProperty("version", "unknown"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE, e);
        }
    }
}
