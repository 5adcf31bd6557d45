import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.Header;
import io.debezium.engine.format.Json;
import io.debezium.engine.format.KeyValueHeaderChangeEventFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Collectors;

/** Runs the Debezium engine with a file of properties, and prints each event as a line of JSON. */
public class Outbox {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    try (var file = Files.newInputStream(Path.of(args[0]))) {
      properties.load(file);
    }
    DebeziumEngine.create(KeyValueHeaderChangeEventFormat.of(Json.class, Json.class, Json.class))
        .using(properties)
        .using((success, message, error) -> System.err.println(message))
        .notifying((ChangeEvent<String, String> event) -> System.out.println(lineOf(event)))
        .build()
        .run();
  }

  /** Keys, values and headers are JSON already. */
  private static String lineOf(ChangeEvent<String, String> event) {
    String headers = event.headers().stream().map(Outbox::memberOf).collect(Collectors.joining(","));
    return String.format("{\"topic\":\"%s\",\"key\":%s,\"value\":%s,\"headers\":{%s}}", event.destination(), event.key(), event.value(), headers);
  }

  private static String memberOf(Header<?> header) {
    return String.format("\"%s\":%s", header.getKey(), header.getValue());
  }
}
