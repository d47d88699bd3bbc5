import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** Runs one Neo4j until it is told to stop, or until the process that started it is gone. */
public final class Server {
    /** What server.py takes as "try another port". */
    private static final int ADDRESS_IN_USE = 98;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public static void main(String[] arguments) throws InterruptedException {
        // Before the server is built: the parent may go away while it starts.
        daemon(Server::endWithParent);
        try {
            var service = new DatabaseManagementServiceBuilder(Path.of(arguments[0]))
                    .loadPropertiesFromFile(Path.of(arguments[1]))
                    .build();
            Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.exit(isAddressInUse(failure) ? ADDRESS_IN_USE : 1);
        }
        System.out.println("READY");
        Thread.currentThread().join();
    }

    /** The parent holds the other end of standard input and never writes to it: the end of it is the parent's. */
    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException broken) {
            broken.printStackTrace();
        }
        daemon(Server::haltWhenStuck);
        System.exit(0);
    }

    /** Nobody is left to kill a server whose shutdown hangs. */
    private static void haltWhenStuck() {
        try {
            Thread.sleep(PATIENCE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    private static boolean isAddressInUse(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private static void daemon(Runnable work) {
        var thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }
}
