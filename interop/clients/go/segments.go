package main

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A line for so many records at most: a difference is found near its place.
const longest = 1000

type where struct {
	topic     string
	partition int32
}

type run struct {
	first, count int64
	digest       uint64
}

// Runs of consecutive offsets; the digests of a run are combined by exclusive or.
type segments struct {
	runs   map[where]*run
	count  int64
	buffer []byte
}

func (s *segments) add(record *kgo.Record) {
	s.count++
	at := where{record.Topic, record.Partition}
	current := s.runs[at]
	if current != nil && (current.first+current.count != record.Offset || current.count == longest) {
		current.print(at)
		current = nil
	}
	if current == nil {
		current = &run{first: record.Offset}
		s.runs[at] = current
	}
	current.count++
	current.digest ^= s.digestOf(record)
}

func (r *run) print(at where) {
	fmt.Fprintf(out, "segment %s %d %d %d %016x\n", at.topic, at.partition, r.first, r.count, r.digest)
}

func (s *segments) flush() {
	for at, current := range s.runs {
		current.print(at)
	}
	clear(s.runs)
	out.Flush()
}

func (s *segments) digestOf(record *kgo.Record) uint64 {
	b := binary.BigEndian.AppendUint64(s.buffer[:0], uint64(record.Offset))
	b = binary.BigEndian.AppendUint64(b, uint64(record.Timestamp.UnixMilli()))
	b = appendField(b, record.Key)
	b = appendField(b, record.Value)
	b = binary.BigEndian.AppendUint32(b, uint32(len(record.Headers)))
	for _, header := range record.Headers {
		b = appendField(b, append([]byte{}, header.Key...))
		b = appendField(b, header.Value)
	}
	s.buffer = b
	hash := md5.Sum(b)
	return binary.BigEndian.Uint64(hash[:8])
}

func appendField(b, data []byte) []byte {
	if data == nil {
		return binary.BigEndian.AppendUint32(b, 0xffffffff)
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(data))), data...)
}
