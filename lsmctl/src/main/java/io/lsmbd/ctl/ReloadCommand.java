package io.lsmbd.ctl;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl reload}: new certificates, now. */
@Command(
        name = "reload",
        description = "Take over new TLS files now; they are looked at now and then anyway.",
        footer = "  ${COMMAND-FULL-NAME}",
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // picocli sets it
    @ParentCommand
    private Lsmctl lsmctl;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws CtlException {
        lsmctl.connection().client().post("reload");
        command.commandLine().getOut().println("the TLS files in use are the newest");
        return ExitCode.OK.code();
    }
}
