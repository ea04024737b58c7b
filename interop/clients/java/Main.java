import java.util.HashMap;
import java.util.Map;

/** The Java client; ../README.md says what a program is asked and what it prints. */
final class Main {
    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            options.put(pair[0], pair[1]);
        }
        switch (arguments[0]) {
            case "produce" -> Produce.run(options);
            case "consume" -> Consume.run(options);
            case "offsets" -> Offsets.run(options);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.flush();
    }
}
