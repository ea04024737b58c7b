// Kafka's two big enums as data: which APIs there are, and which error codes.

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** What no message definition says: forwarding, stable ranges, header versions; and the error codes. */
final class Tables {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Tables() { }

    static void write(Path folder) throws IOException {
        try (PrintWriter out = open(folder.resolve("apis.jsonl"))) {
            for (ApiKeys api : ApiKeys.values()) {
                out.print(api(api) + "\n");
            }
        }
        try (PrintWriter out = open(folder.resolve("errors.jsonl"))) {
            for (Errors error : Errors.values()) {
                out.print(MAPPER.createObjectNode().put("code", error.code()).put("name", error.name()) + "\n");
            }
        }
    }

    private static PrintWriter open(Path path) throws IOException {
        return new PrintWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8));
    }

    private static ObjectNode api(ApiKeys api) {
        ObjectNode line = MAPPER.createObjectNode().put("key", api.id).put("name", api.name);
        line.put("live", api.hasValidVersion());
        if (api.hasValidVersion()) {
            line.put("first", api.oldestVersion());
            line.put("last", api.latestVersion(true)).put("lastStable", api.latestVersion(false));
            line.put("forwardable", api.forwardable).put("clusterAction", api.clusterAction);
            var listeners = line.putArray("listeners");
            api.messageType.listeners().stream().map(l -> l.name().toLowerCase()).sorted().forEach(listeners::add);
            var headers = line.putArray("headers");
            for (short v = api.oldestVersion(); v <= api.latestVersion(true); v++) {
                headers.addArray().add(v).add(api.requestHeaderVersion(v)).add(api.responseHeaderVersion(v));
            }
        }
        return line;
    }
}
