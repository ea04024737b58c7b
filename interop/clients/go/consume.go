package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Records between two commits.
const commitEvery = 5000

var strategies = map[string]kgo.GroupBalancer{
	"range": kgo.RangeBalancer(), "roundrobin": kgo.RoundRobinBalancer(), "cooperative-sticky": kgo.CooperativeStickyBalancer(),
}

// A member of a group, until it is told to go or has read enough.
func consume(options map[string]string) error {
	read := &segments{runs: map[where]*run{}}
	limit, _ := strconv.ParseInt(options["count"], 10, 64)
	session, err := strconv.Atoi(options["session"])
	if err != nil {
		session = 45000
	}
	settings := []kgo.Opt{
		kgo.ConsumerGroup(options["group"]), kgo.ConsumeTopics(strings.Split(options["topics"], ",")...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.SessionTimeout(time.Duration(session) * time.Millisecond),
		kgo.HeartbeatInterval(500*time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
			say("assigned", partitions)
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, consumer *kgo.Client, partitions map[string][]int32) {
			if err := consumer.CommitUncommittedOffsets(ctx); err != nil {
				sayError(err)
			}
			read.flush()
			say("revoked", partitions)
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) { say("lost", partitions) }),
	}
	if name, given := options["strategy"]; given {
		settings = append(settings, kgo.Balancers(strategies[name]))
	}
	if instance, given := options["instance"]; given {
		settings = append(settings, kgo.InstanceID(instance))
	}
	consumer, err := client(options, settings...)
	if err != nil {
		return err
	}
	told := make(chan struct{})
	go func() {
		os.Stdin.Read(make([]byte, 1))
		close(told)
	}()
	loop(consumer, read, limit, told)
	read.flush()
	consumer.CloseAllowingRebalance()
	return nil
}

func loop(consumer *kgo.Client, read *segments, limit int64, told chan struct{}) {
	committed := int64(0)
	for limit == 0 || read.count < limit {
		select {
		case <-told:
			return
		default:
		}
		before := read.count
		if !poll(consumer, read) {
			return
		}
		idle := read.count == before
		if idle {
			read.flush()
		}
		if waiting := read.count - committed; waiting >= commitEvery || (idle && waiting > 0) {
			if err := consumer.CommitUncommittedOffsets(context.Background()); err != nil {
				sayError(err)
			}
			committed = read.count
		}
		consumer.AllowRebalance()
	}
}

// Whether the member may go on.
func poll(consumer *kgo.Client, read *segments) bool {
	limited, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	fetches := consumer.PollRecords(limited, 2000)
	fetches.EachRecord(read.add)
	for _, problem := range fetches.Errors() {
		if !errors.Is(problem.Err, context.DeadlineExceeded) {
			sayError(problem.Err)
			return !errors.Is(problem.Err, kerr.FencedInstanceID)
		}
	}
	return true
}

func say(what string, partitions map[string][]int32) {
	var names []string
	for topic, numbers := range partitions {
		for _, number := range numbers {
			names = append(names, fmt.Sprintf("%s:%d", topic, number))
		}
	}
	sort.Strings(names)
	fmt.Fprintln(out, strings.Join(append([]string{what}, names...), " "))
	out.Flush()
}

func sayError(err error) {
	fmt.Fprintln(out, "error", err)
	out.Flush()
}
