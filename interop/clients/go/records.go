package main

import (
	"encoding/base64"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The file of records: tabs between timestamp, key, value and headers; base64, and `-` for null.
func readRecords(path, topic string) ([]*kgo.Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var records []*kgo.Record
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		timestamp, err := strconv.ParseInt(parts[0], 10, 64)
		if err != nil {
			return nil, err
		}
		record := &kgo.Record{Topic: topic, Timestamp: time.UnixMilli(timestamp), Key: decoded(parts[1]), Value: decoded(parts[2])}
		for _, header := range parts[3:] {
			name, value, _ := strings.Cut(header, ":")
			record.Headers = append(record.Headers, kgo.RecordHeader{Key: string(decoded(name)), Value: decoded(value)})
		}
		records = append(records, record)
	}
	return records, nil
}

func decoded(text string) []byte {
	if text == "-" {
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}
