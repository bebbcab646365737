package main

import (
	"slices"
	"strconv"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// tally counts events and reconciles from the first change on, until every object was reconciled in its final phase.
type tally struct {
	mutex sync.Mutex
	// Changes sent before this process counted are another run's.
	started    int64
	objects    int
	warmUp     int
	events     int
	reconciles int
	final      map[string]struct{}
	latencies  []float64
	first      usage
	last       usage
	done       chan struct{}
}

func newTally(spec Spec) *tally {
	return &tally{started: monotonicNanos(), objects: spec.Objects, warmUp: spec.WarmUp, final: map[string]struct{}{}, done: make(chan struct{})}
}

func (t *tally) changed() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.events == 0 {
		t.first = readUsage()
	}
	t.events++
}

// reconciled takes in the state that a reconcile began with.
func (t *tally) reconciled(key string, object metav1.Object) error {
	annotations := object.GetAnnotations()
	sent, found := annotations[sentAnnotation]
	if !found {
		return nil
	}
	sentNanos, err := strconv.ParseInt(sent, 10, 64)
	if err != nil || sentNanos < t.started {
		return err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.reconciles++
	if t.reconciles > t.warmUp {
		t.latencies = append(t.latencies, float64(monotonicNanos()-sentNanos)/1e6)
	}
	if annotations[phaseAnnotation] != phaseLast || t.isDone() {
		return nil
	}
	t.final[key] = struct{}{}
	if t.isDone() {
		t.last = readUsage()
		close(t.done)
	}
	return nil
}

func (t *tally) isDone() bool {
	return len(t.final) == t.objects
}

func (t *tally) figures() Figures {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	figures := t.first.since(t.last)
	figures["events"] = float64(t.events)
	figures["reconciles"] = float64(t.reconciles)
	slices.Sort(t.latencies)
	figures["latencyP50Ms"] = quantile(t.latencies, 0.5)
	figures["latencyP99Ms"] = quantile(t.latencies, 0.99)
	return figures
}

// quantile is the nearest-rank quantile of sorted values; 0 of none.
func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
