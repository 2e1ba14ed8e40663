package io.lsmbd.commandline;

import java.util.Map;

/**
 * How the user calls our programs, so that what we advise works where they are: {@code lsmctl} if
 * it is installed, {@code ./dev lsmctl} in a checkout.
 *
 * @param prefix comes before a program's name, a blank included if there is to be one
 */
public record CommandNames(String prefix) {
    /** Set by {@code ./dev} and by the start script. */
    private static final String VARIABLE = "LSMBD_COMMAND_PREFIX";

    public static final CommandNames INSTALLED = new CommandNames("");

    public static CommandNames of(Map<String, String> environment) {
        return new CommandNames(environment.getOrDefault(VARIABLE, ""));
    }

    public String lsmctl() {
        return prefix + "lsmctl";
    }

    public String lsmbd() {
        return prefix + "lsmbd";
    }

    /** The text with its commands as the user would call them; these stand in `backquotes`. */
    public String in(String text) {
        return text.replace("`lsmctl", "`" + lsmctl()).replace("`lsmbd", "`" + lsmbd());
    }
}
