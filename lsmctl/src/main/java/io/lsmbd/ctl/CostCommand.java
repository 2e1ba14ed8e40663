package io.lsmbd.ctl;

import io.lsmbd.admin.api.CostInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl cost}: what is the bill? */
@Command(
        name = "cost",
        description = {
            "Show what the object store costs by purpose, and what a month comes to.",
            "Requests are counted since the daemon started, retries anew; prices are those of its"
                    + " configuration, section [cost]."
        },
        footer = {"  ${COMMAND-FULL-NAME}", "  ${COMMAND-FULL-NAME} -o json"},
        mixinStandardHelpOptions = true)
final class CostCommand implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // picocli sets it
    @ParentCommand
    private Lsmctl lsmctl;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws CtlException {
        CostInfo cost = lsmctl.connection().client().get("cost", CostInfo.class);
        lsmctl.connection().print(command.commandLine().getOut(), cost, lines(cost));
        return ExitCode.OK.code();
    }

    static List<String> lines(CostInfo cost) {
        String currency = cost.currency();
        var table = new TextTable("PURPOSE", ">PUT", ">GET", ">DELETE", ">UP", ">DOWN", ">COST");
        for (CostInfo.Use use : cost.uses()) {
            table.row(
                    use.purpose(),
                    Units.count(use.puts()),
                    Units.count(use.gets()),
                    Units.count(use.deletes()),
                    Units.bytes(use.bytesUp()),
                    Units.bytes(use.bytesDown()),
                    money(use.cost(), currency));
        }
        List<String> lines = new ArrayList<>(table.lines());
        lines.add("");
        lines.add("requests   %s in %s".formatted(money(cost.cost(), currency), up(cost)));
        lines.add(
                "kept       %s a month for %s"
                        .formatted(
                                money(cost.storedPerMonth(), currency),
                                Units.bytes(cost.storedBytes())));
        Double month = cost.perMonth();
        lines.add(
                month == null
                        ? "a month    (the daemon has not run long enough to say)"
                        : "a month    %s, if it goes on like that"
                                .formatted(money(month, currency)));
        return lines;
    }

    private static String up(CostInfo cost) {
        return Units.age(cost.upMillis());
    }

    /** Requests are cheap: what would round to nothing has four figures. */
    private static String money(double amount, String currency) {
        String figure = amount > 0 && amount < 1 ? "%.4f" : "%,.2f";
        return String.format(Locale.ROOT, figure, amount) + " " + currency;
    }
}
