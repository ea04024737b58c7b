package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
)

// What a group has committed, and where the logs end.
func offsets(options map[string]string) error {
	connection, err := client(options)
	if err != nil {
		return err
	}
	defer connection.Close()
	admin := kadm.NewClient(connection)
	topics := strings.Split(options["topics"], ",")
	committed, err := admin.FetchOffsets(context.Background(), options["group"])
	if err != nil {
		return err
	}
	ends, err := admin.ListEndOffsets(context.Background(), topics...)
	if err != nil {
		return err
	}
	for _, one := range committed.Sorted() {
		if !slices.Contains(topics, one.Topic) {
			continue
		}
		end, _ := ends.Lookup(one.Topic, one.Partition)
		fmt.Fprintln(out, "offset", one.Topic, one.Partition, one.At, end.Offset)
	}
	return nil
}
