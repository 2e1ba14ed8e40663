package io.lsmbd.ctl;

import io.lsmbd.admin.api.StatusInfo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl status}: is everything well? */
@Command(
        name = "status",
        description = "Show whether all is well with the daemon and its volumes.",
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} -o json"},
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // picocli sets it
    @ParentCommand
    private Lsmctl lsmctl;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws CtlException {
        StatusInfo status = lsmctl.connection().client().get("status", StatusInfo.class);
        lsmctl.connection().print(command.commandLine().getOut(), status, Tables.status(status));
        ExitCode code =
                switch (status.health()) {
                    case OK -> ExitCode.OK;
                    case DEGRADED -> ExitCode.DEGRADED;
                    case CORRUPT -> ExitCode.CORRUPT;
                };
        return code.code();
    }
}
