package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

// A topic for each codec; idempotent and with acks=all, as franz-go is by itself.
func produce(options map[string]string) error {
	for _, codec := range strings.Split(options["codecs"], ",") {
		if err := produceTopic(options, codec); err != nil {
			return err
		}
	}
	return nil
}

func produceTopic(options map[string]string, codec string) error {
	topic := options["prefix"] + "-" + codec
	records, err := readRecords(options["records"], topic)
	if err != nil {
		return err
	}
	producer, err := client(options, kgo.ProducerBatchCompression(codecs[codec]), kgo.ProducerLinger(20*time.Millisecond))
	if err != nil {
		return err
	}
	defer producer.Close()
	if err := producer.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		return err
	}
	var acknowledged strings.Builder
	for _, record := range records {
		fmt.Fprintln(&acknowledged, record.Partition, record.Offset)
	}
	return os.WriteFile(filepath.Join(options["folder"], topic), []byte(acknowledged.String()), 0o644)
}
