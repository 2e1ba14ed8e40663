package io.lsmbd.ctl.terminal;

import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on standard error with what is done and time left; nothing where no terminal is. */
public final class Progress implements AutoCloseable {
    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /** Begins to draw if a person watches. */
    public static Progress ofBytes(String task, long totalBytes) {
        return begin(bar(task, totalBytes).setUnit(" MiB", 1 << 20).showSpeed());
    }

    /** As {@link #ofBytes}, of so many steps, one after the other. */
    public static Progress ofSteps(String task, int steps) {
        return begin(bar(task, steps));
    }

    private static ProgressBarBuilder bar(String task, long total) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII);
    }

    private static Progress begin(ProgressBarBuilder bar) {
        boolean isWatched =
                Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
        return new Progress(isWatched ? bar.build() : null);
    }

    /** What is done just now. */
    public void at(String step) {
        if (bar != null) {
            bar.setExtraMessage(step);
        }
    }

    /** So many bytes or steps more are done. */
    public void done(long more) {
        if (bar != null) {
            bar.stepBy(more);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
