import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The file of records: tabs between timestamp, key, value and headers; base64, and `-` for null. */
final class Records {
    private final List<String[]> lines = new ArrayList<>();

    Records(String path) throws IOException {
        for (String line : Files.readAllLines(Path.of(path))) {
            lines.add(line.split("\t", -1));
        }
    }

    List<ProducerRecord<byte[], byte[]>> of(String topic) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (String[] line : lines) {
            List<Header> headers = new ArrayList<>();
            for (int i = 3; i < line.length; i++) {
                String[] header = line[i].split(":", -1);
                headers.add(new RecordHeader(new String(decoded(header[0])), decoded(header[1])));
            }
            records.add(new ProducerRecord<>(topic, null, Long.valueOf(line[0]), decoded(line[1]), decoded(line[2]), headers));
        }
        return records;
    }

    private static byte[] decoded(String text) {
        return text.equals("-") ? null : Base64.getDecoder().decode(text);
    }
}
