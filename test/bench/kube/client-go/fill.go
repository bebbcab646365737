package main

import (
	"context"
	"fmt"
	"time"
)

// fillCache starts one informer and waits for its first list; with Collect it weighs what the cache then holds.
func fillCache(ctx context.Context, spec Spec) (Figures, error) {
	if err := mark("imported"); err != nil {
		return nil, err
	}
	informer, err := connectedInformer(spec)
	if err != nil {
		return nil, err
	}
	figures, heapBefore, residentBefore := Figures{}, 0.0, 0.0
	if spec.Collect {
		if heapBefore, residentBefore, err = settledMemory(); err != nil {
			return nil, err
		}
	}
	if err := runUntilSynced(ctx, informer); err != nil {
		return nil, err
	}
	if err := mark("synced"); err != nil {
		return nil, err
	}
	figures["cpuSeconds"] = readUsage().cpu
	if _, err := withPeak(figures); err != nil {
		return nil, err
	}
	if err := requireAll(len(informer.GetStore().ListKeys()), spec); err != nil {
		return nil, err
	}
	if !spec.Collect {
		return figures, nil
	}
	heap, resident, err := settledMemory()
	figures["heapBytesPerObject"] = (heap - heapBefore) / float64(spec.Objects)
	figures["rssBytesPerObject"] = (resident - residentBefore) / float64(spec.Objects)
	// Keeps the cache from being collected before it was weighed.
	figures["objects"] = float64(len(informer.GetStore().ListKeys()))
	return figures, err
}

// stayIdle holds watches on several namespaces that hear of nothing but bookmarks.
func stayIdle(ctx context.Context, spec Spec) (Figures, error) {
	config, err := connect(spec)
	if err != nil {
		return nil, err
	}
	for number := range spec.Watches {
		informer, err := newInformer(config, spec, fmt.Sprintf("%s-%d", spec.Namespace, number))
		if err != nil {
			return nil, err
		}
		if err := runUntilSynced(ctx, informer); err != nil {
			return nil, err
		}
	}
	if err := mark("synced"); err != nil {
		return nil, err
	}
	from := readUsage()
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-time.After(time.Duration(spec.Seconds) * time.Second):
	}
	figures := from.since(readUsage())
	resident, err := memoryBytes("VmRSS")
	figures["rssBytes"] = resident
	return figures, err
}
