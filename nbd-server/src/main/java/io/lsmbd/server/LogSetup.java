package io.lsmbd.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets up logging: to standard error, as the log section says. */
final class LogSetup {
    private static final String PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %msg%n";

    /** Whoever looks closer also wants to know which class it is that speaks. */
    private static final String DETAILED = PATTERN.replace("%msg", "%logger{0} %msg");

    private LogSetup() {}

    /** Libraries are not more talkative than info, whatever we are. */
    static void apply(LogSection log) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Encoder<ILoggingEvent> encoder = encoder(log, context);
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Level level = Level.toLevel(log.level().name());
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(level.isGreaterOrEqual(Level.INFO) ? level : Level.INFO);
        context.getLogger("io.lsmbd").setLevel(level);
    }

    private static Encoder<ILoggingEvent> encoder(LogSection log, LoggerContext context) {
        return switch (log.format()) {
            case TEXT -> {
                var encoder = new PatternLayoutEncoder();
                encoder.setContext(context);
                boolean isDetailed = log.level().compareTo(LogSection.Level.INFO) > 0;
                encoder.setPattern(isDetailed ? DETAILED : PATTERN);
                yield encoder;
            }
            case JSON -> {
                var encoder = new JsonEncoder();
                encoder.setContext(context);
                encoder.setWithFormattedMessage(true);
                encoder.setWithMessage(false);
                encoder.setWithArguments(false);
                encoder.setWithContext(false);
                encoder.setWithSequenceNumber(false);
                encoder.setWithNanoseconds(false);
                yield encoder;
            }
        };
    }
}
