// Writes what Kafka's own ConfigDefs say, as data for the tests beside it. With Kafka's 4.4.0 jars:
//
//   java -cp "$JARS" ConfigFacts.java table              > kafka-4.4.0-table.tsv
//   java -cp "$JARS" ConfigFacts.java values             > kafka-4.4.0-values.tsv
//   java -cp "$JARS" ConfigFacts.java rules < rules.txt  > kafka-4.4.0-rules.tsv
//
// table:  resource, name, type, default, internal, dynamic mode, validator, "=" if an empty text is taken
// values: resource, name; then per text tried: text, "= value" or "! message"; one property of each kind
// rules:  properties put on top of a combined node's, "=" or "! message"

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.QuotaConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

public class ConfigFacts {
    static final List<String> TEXTS = List.of("", " 7 ", "+7", "x", "-1", "0", "2147483648", "9223372036854775808",
        "TRUE", "1.5", "-3", "5000000", "1e-3", "12345678.5", "a, b", "a,,b", "a,a", "gzip", "GZIP", "es256", "0:1",
        "*", "1@h:1", "h:1", "earliest", "by_duration:PT1H", "by_duration:-PT1H", "none");

    static Map<String, ConfigDef> definitions() throws Exception {
        Map<String, ConfigDef> all = new LinkedHashMap<>();
        all.put("broker", AbstractKafkaConfig.CONFIG_DEF);
        all.put("dynamic", QuotaConfig.brokerQuotaConfigs());
        all.put("topic", LogConfig.configDefCopy());
        all.put("group", hidden(GroupConfig.class));
        all.put("client-metrics", hidden(ClientMetricsConfigs.class));
        return all;
    }

    static ConfigDef hidden(Class<?> owner) throws Exception {
        for (Field field : owner.getDeclaredFields()) {
            if (ConfigDef.class.isAssignableFrom(field.getType())) {
                field.setAccessible(true);
                return (ConfigDef) field.get(null);
            }
        }
        throw new IllegalStateException(owner.toString());
    }

    static String text(ConfigDef.ConfigKey key) {
        if (!key.hasDefault()) {
            return "(required)";
        }
        String text = ConfigDef.convertToString(key.defaultValue, key.type);
        return text == null ? "null" : "\"" + text + "\"";
    }

    static String validator(ConfigDef.ConfigKey key) {
        return key.validator == null ? "" : key.validator.toString();
    }

    static void table() throws Exception {
        Map<String, String> modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
        for (Map.Entry<String, ConfigDef> definition : definitions().entrySet()) {
            String resource = definition.getKey();
            boolean broker = resource.equals("broker") || resource.equals("dynamic");
            for (ConfigDef.ConfigKey key : new TreeMap<>(definition.getValue().configKeys()).values()) {
                String mode = broker ? modes.getOrDefault(key.name, "read-only") : "";
                System.out.println(String.join("\t", resource, key.name, key.type.name(), text(key),
                    String.valueOf(key.internalConfig), mode, validator(key), outcome(key, "").substring(0, 1)));
            }
        }
    }

    static String outcome(ConfigDef.ConfigKey key, String text) {
        ConfigDef alone = new ConfigDef();
        alone.define(key.name, key.type, ConfigDef.NO_DEFAULT_VALUE, key.validator, key.importance, "");
        try {
            Object value = alone.parse(Map.of(key.name, text)).get(key.name);
            return "= " + ConfigDef.convertToString(value, key.type);
        } catch (Exception e) {
            return "! " + e.getMessage();
        }
    }

    static void values() throws Exception {
        TreeSet<String> seen = new TreeSet<>();
        for (Map.Entry<String, ConfigDef> definition : definitions().entrySet()) {
            for (ConfigDef.ConfigKey key : new TreeMap<>(definition.getValue().configKeys()).values()) {
                StringBuilder lines = new StringBuilder();
                for (String text : TEXTS) {
                    lines.append("\t" + text + "\t" + outcome(key, text) + "\n");
                }
                if (key.type != ConfigDef.Type.CLASS && seen.add(lines.toString().replace(key.name, ""))) {
                    System.out.print(definition.getKey() + "\t" + key.name + "\n" + lines);
                }
            }
        }
    }

    static void rules() throws Exception {
        BufferedReader cases = new BufferedReader(new InputStreamReader(System.in));
        for (String line = cases.readLine(); line != null; line = cases.readLine()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Map<String, String> properties = new HashMap<>(Map.of("process.roles", "broker,controller", "node.id", "1",
                "controller.quorum.voters", "1@localhost:9093", "controller.listener.names", "CONTROLLER",
                "listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"));
            for (String pair : line.split(";;")) {
                if (pair.startsWith("-")) {
                    properties.remove(pair.substring(1));
                } else {
                    properties.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
                }
            }
            String outcome = "=";
            try {
                new kafka.server.KafkaConfig(properties, false);
            } catch (Exception e) {
                outcome = "! " + e.getMessage();
            }
            System.out.println(line + "\t" + outcome);
        }
    }

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "table" -> table();
            case "values" -> values();
            case "rules" -> rules();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }
}
